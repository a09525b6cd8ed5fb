"""Paper 2's dense network and its classifier of particles: counted, rebuilt by hand, and started from one another."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.models.builders import build_network, parameter_count, resolved
from argoscope.models.cards import Card
from argoscope.models.preparation import Preparation
from argoscope.models.transfer import start_from
from argoscope.models.ubssnet import UBSSNet, UBSSNetConfig
from argoscope.models.weights import load_model, save_model
from argoscope.sparse import SparseTensor

SMALL = {"kind": "ubssnet", "filters": 2, "depth": 2}
SPARSE = {"kind": "uresnet", "dimensions": 2, "classes": 3, "filters": 4, "depth": 3, "blocks": 1}


def ubssnet_weights(m, downsamplings=5, classes=3):
    """Counted along the program's list: every convolution has a norm; a bias where no module is."""

    def convolution(before, after, kernel, bias=0):
        return kernel**2 * before * after + bias * after + 2 * after

    def pair(before, after, kernel=3):
        return (
            convolution(before, after, kernel)
            + 3 * convolution(after, after, kernel)
            + convolution(before, after, 1)
        )

    total = convolution(1, m, 7, 1) + convolution(2 * m, m, 7, 1) + convolution(m, classes, 7, 1)
    for level in range(downsamplings):
        fine, coarse = m * 2**level, m * 2 ** (level + 1)
        total += pair(fine, coarse)
        total += 16 * coarse + fine  # twice the size: every input channel goes to one output channel
        if level:
            total += pair(2 * fine, fine, 5 if level == 1 else 3)
    return total


def test_number_of_weights():
    """15,406,105 is what the layers of the program have, one by one."""
    counts = {}
    with torch.device("meta"):
        for name in ("paper2", "paper2-deployed"):
            counts[name] = parameter_count(build_network({"extends": name}))
    assert counts == {"paper2": ubssnet_weights(32), "paper2-deployed": 15_406_105}
    assert ubssnet_weights(16) == 15_406_105


def test_the_deepest_level_is_the_papers():
    """Section III: from (512, 512, 1) to (16, 16, 1024)."""
    with torch.device("meta"):
        network = build_network({"extends": "paper2"}).network
        deepest = network.encoder(torch.zeros(1, 1, 512, 512))[-1]
        assert deepest.shape == (1, 1024, 16, 16)
        assert network(torch.zeros(1, 1, 512, 512)).shape == (1, 3, 512, 512)
        assert UBSSNet(UBSSNetConfig()).encoder(torch.zeros(1, 1, 512, 512))[-1].shape == (1, 512, 16, 16)


def slow_network(network, x):
    """One downsampling, written out with functions from the table in the module's text."""

    def normed(x, norm):
        return F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias)

    def module(part, x, stride=1):
        first, norm1, _, second, norm2, _ = part.through
        y = F.relu(normed(F.conv2d(x, first.weight, stride=stride, padding=first.kernel_size[0] // 2), norm1))
        y = F.relu(normed(F.conv2d(y, second.weight, padding=second.kernel_size[0] // 2), norm2))
        if not isinstance(part.shortcut, torch.nn.Identity):
            x = normed(F.conv2d(x, part.shortcut[0].weight, stride=stride), part.shortcut[1])
        return F.relu(x + y)

    conv, norm, _ = network.encoder.stem
    full = F.relu(normed(F.conv2d(x, conv.weight, conv.bias, padding=3), norm))
    y = F.max_pool2d(full, 3, 2, 1)
    for part in network.encoder.levels[0]:
        y = module(part, y)
    up = network.last_up
    y = F.conv_transpose2d(y, up.weight, up.bias, stride=2, padding=1, groups=up.out_channels)
    first, norm1, _, second, norm2, _ = network.head
    y = F.relu(normed(F.conv2d(torch.cat([full, y], 1), first.weight, first.bias, padding=3), norm1))
    return F.relu(normed(F.conv2d(y, second.weight, second.bias, padding=3), norm2))


def test_the_network_is_its_description():
    torch.manual_seed(0)
    network = UBSSNet(UBSSNetConfig(filters=2, depth=1)).double()
    x = torch.rand(3, 1, 6, 8, dtype=torch.float64)
    network(x)  # running averages that are not 0 and 1
    network.eval()
    # The same operations of double precision.
    assert_close(network(x), slow_network(network, x), rtol=0.0, atol=1e-12)
    assert (network(x) >= 0).all()
    bare = UBSSNet(UBSSNetConfig(filters=2, depth=1, activated_scores=False)).double().eval()
    assert (bare(x) < 0).any()


def image(pixels, shape=(8, 12), events=2, seed=0):
    rows = [
        (event, *np.unravel_index(cell, shape))
        for event in range(events)
        for cell in np.random.default_rng((seed, event)).permutation(shape[0] * shape[1])[:pixels]
    ]
    charge = np.random.default_rng(seed).uniform(0.5, 2.0, (len(rows), 1))
    features = torch.from_numpy(charge.astype(np.float32))
    return SparseTensor.from_coordinates(
        np.array(rows).reshape(-1, 3), features, shape=shape, batch_size=events
    )


def test_answers_of_all_pixels_and_of_active_ones_are_the_same():
    torch.manual_seed(1)
    network = build_network(SMALL).eval()
    x = image(pixels=7)
    scores = network.image_scores(x)
    assert scores.shape == (2, 3, 8, 12)
    rows = np.column_stack([x.index.events, x.index.coordinates])
    for row, got in zip(rows, network(x).features, strict=True):
        assert torch.equal(got, scores[row[0], :, row[1], row[2]])


@pytest.mark.parametrize("pixels", [0, 1])
@pytest.mark.parametrize("kind", ["ubssnet", "ubssnet-particles", "uresnet-particles"])
def test_the_smallest_images(kind, pixels):
    network = build_network({"kind": kind, "dimensions": 2, "filters": 2, "depth": 2, "classes": 5})
    scores = network(image(pixels)).features
    assert scores.shape == (2 * pixels, 5)
    scores.sum().backward()


def test_sides_must_halve_often_enough():
    network = build_network({**SMALL, "depth": 3})
    with pytest.raises(InvalidArgument, match=r"sides \(8, 12\) must be divisible by 8"):
        network(image(3))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"filters": 0}, r"filters \(=0\) must be at least 1"),
        ({"dimensions": 3}, r"dimensions \(=3\)"),
        ({"activated_scores": "no"}, r"activated_scores \(='no'\) must be"),
    ],
)
def test_impossible_networks_are_refused(change, message):
    with pytest.raises(InvalidArgument, match=message):
        build_network({**SMALL, **change})


@pytest.mark.parametrize("kind", ["ubssnet-particles", "uresnet-particles"])
def test_an_image_has_one_answer_which_other_images_do_not_change(kind):
    torch.manual_seed(2)
    description = {"kind": kind, "dimensions": 2, "filters": 4, "depth": 2, "classes": 5}
    network = build_network(description).eval()
    together = network(image(6)).features
    assert torch.equal(together, together[[0] * 6 + [6] * 6])
    assert not torch.equal(together[0], together[6])
    # Sums over one image or two differ by rounding only, in single precision.
    assert_close(network(image(6, events=1)).features, together[:6], rtol=1e-5, atol=1e-6)


def saved(folder, description, task, seed=3):
    torch.manual_seed(seed)
    network = build_network(description)
    card = Card(
        name=task, task=task, network=resolved(description), preparation=Preparation(), scheme=task, charge_unit="PIU"
    )  # fmt: skip
    folder.mkdir()
    return network, load_model(save_model(folder, network, card))


@pytest.mark.parametrize(
    ("pixels", "particles", "shared"),
    [
        (SMALL, {**SMALL, "kind": "ubssnet-particles", "classes": 5}, ("network.encoder.",)),
        (SPARSE, {**SPARSE, "kind": "uresnet-particles", "classes": 5}, ("stem.", "level.")),
    ],
)
def test_a_network_starts_from_the_encoder_of_a_classifier(tmp_path, pixels, particles, shared):
    """All of the encoder is taken, nothing else is touched, and every weight is said to be one or the other."""
    classifier, model = saved(tmp_path / "a", particles, "particle")
    torch.manual_seed(8)
    network = build_network(pixels)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    found = start_from(network, model, task="track-shower")
    after, theirs = network.state_dict(), classifier.state_dict()
    assert set(found.taken) | set(found.fresh) == set(after)
    assert set(found.taken) | set(found.left) == set(theirs)
    assert set(found.taken) == {name for name in theirs if name.startswith(shared)}
    assert all(torch.equal(after[name], theirs[name]) for name in found.taken)
    assert all(torch.equal(after[name], before[name]) for name in found.fresh)
    assert all("particle" in name for name in found.left)
    assert f"{len(found.taken)} weights were taken" in str(found)
    assert found.to_json()["fresh"] == found.fresh


def test_of_one_task_every_weight_must_fit(tmp_path):
    _, model = saved(tmp_path / "a", SMALL, "track-shower")
    network = build_network(SMALL)
    assert start_from(network, model, task="track-shower").fresh == ()
    with pytest.raises(UnreadableFile, match="does not fit the network"):
        start_from(build_network({**SMALL, "filters": 4}), model, task="track-shower")


def test_nothing_in_common_is_refused(tmp_path):
    _, model = saved(tmp_path / "a", {**SPARSE, "classes": 5}, "particle")
    with pytest.raises(
        InvalidArgument, match=r"no layer of particle has the name and shape.*\(particle: filters \d+, depth"
    ):
        start_from(build_network(SMALL), model, task="track-shower")


def test_a_network_of_other_filters_is_refused_with_both_shapes(tmp_path):
    _, model = saved(tmp_path / "a", {**SPARSE, "filters": 4, "classes": 5}, "particle")
    with pytest.raises(InvalidArgument, match=r"is \((.*)\) there and (?!\(\1\))\(.*\) in the network"):
        start_from(build_network({**SPARSE, "filters": 2}), model, task="track-shower")
