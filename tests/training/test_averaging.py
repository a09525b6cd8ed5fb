"""The running average of the weights: its formula, that it is what a run validates and keeps, and that it survives a stop."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file
from tests.training.runs import after, same_run
from torch import nn

from argoscope.errors import InvalidArgument, Stopped, UnreadableFile
from argoscope.models.weights import load_model
from argoscope.training.averaging import average_of, decay_at, follow
from argoscope.training.checkpoints import Progress, checkpoints_in, restore, save_checkpoint
from argoscope.training.inputs import validation_samples
from argoscope.training.learning import validate
from argoscope.training.run import train

DECAY = 0.75


def test_the_average_is_that_of_the_formula():
    """Against the recursion in double precision, value by value; norms' averages too, their counts not."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)).double()
    average = average_of(network)
    wanted = {name: value.clone() for name, value in network.state_dict().items()}
    for step in range(1, 30):
        with torch.no_grad():
            network(torch.randn(8, 3, dtype=torch.float64))
            for weight in network.parameters():
                weight.add_(torch.randn_like(weight))
        follow(average, network, step=step, decay=DECAY)
        decay = min(DECAY, (1 + step) / (10 + step))
        for name, value in network.state_dict().items():
            counts = not value.is_floating_point()
            wanted[name] = value.clone() if counts else decay * wanted[name] + (1 - decay) * value
    found = average.state_dict()
    assert found["1.num_batches_tracked"] == 29
    for name, value in wanted.items():
        torch.testing.assert_close(found[name], value, rtol=1e-12, atol=1e-12)
    assert not any(weight.requires_grad for weight in average.parameters())


def test_a_constant_stays_and_the_decay_rises_to_its_limit():
    network = nn.Linear(3, 4)
    average = average_of(network)
    for step in range(1, 50):
        follow(average, network, step=step, decay=DECAY)
    assert torch.equal(average.weight, network.weight)
    decays = [decay_at(step, DECAY) for step in range(1, 100)]
    assert decays == sorted(decays)
    assert decays[0] == 2 / 11
    assert decays[-1] == DECAY


@pytest.fixture(scope="module")
def plain(make_config):
    return make_config(steps=5, validate_every=2, checkpoint_every=2, snapshots=[1, 2, 3, 4])


@pytest.fixture(scope="module")
def averaging(plain):
    return replace(plain, average=DECAY)


@pytest.fixture(scope="module")
def averaged(averaging, tmp_path_factory):
    """Folder of an undisturbed run, after which nothing changes it."""
    folder = tmp_path_factory.mktemp("averaged") / "run"
    train(averaging, folder)
    return folder


def test_the_average_of_the_steps_weights_is_what_is_validated_and_kept(averaged, averaging, plain, tmp_path):
    """The steps are those of a training without, whose weights after every step average to what is kept."""
    train(plain, tmp_path / "plain")
    train(replace(plain, steps=0, snapshots=()), tmp_path / "begun")
    folders = ["begun", *(f"plain/snapshots/{step}" for step in (1, 2, 3, 4)), "plain"]
    weights = [load_file(tmp_path / folder / "tiny.safetensors") for folder in folders]
    kept = load_file(averaged / "tiny.safetensors")
    last = load_file(checkpoints_in(averaged / "checkpoints")[-1])
    for name, value in kept.items():
        assert torch.equal(value, last[f"average.{name}"])
        assert torch.equal(weights[-1][name], last[f"network.{name}"])
        if not value.is_floating_point():
            assert torch.equal(value, weights[-1][name])
            continue
        wanted = weights[0][name].double()
        for step, later in enumerate(weights[1:], start=1):
            decay = min(DECAY, (1 + step) / (10 + step))
            wanted = decay * wanted + (1 - decay) * later[name].double()
        # Five roundings of float32.
        torch.testing.assert_close(value.double(), wanted, rtol=1e-6, atol=1e-6)
    model = load_model(averaged)
    found = validate(model.network, validation_samples(averaging), averaging)
    assert found == pytest.approx(model.card.metrics["validation"])
    assert model.card.training["average"] == DECAY


@pytest.mark.parametrize("asked", [1, 3])
def test_a_stopped_run_resumes_to_the_same_bytes(averaged, averaging, tmp_path, asked):
    with pytest.raises(Stopped):
        train(averaging, tmp_path / "run", stop=after(asked))
    train(averaging, tmp_path / "run", resume=True)
    assert same_run(tmp_path / "run", averaged)


def test_it_starts_from_the_weights_that_are_started_from(averaged, averaging, tmp_path):
    """Without a step, the average is what was there."""
    config = replace(averaging, init=str(averaged), steps=0, snapshots=())
    train(config, tmp_path / "run")
    first, second = (load_file(folder / "tiny.safetensors") for folder in (averaged, tmp_path / "run"))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_checkpoint_without_the_average_is_refused(tmp_path):
    network = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    save_checkpoint(tmp_path, network, optimizer, Progress(1))
    with pytest.raises(UnreadableFile, match="is of another network"):
        restore(tmp_path, network, optimizer, average=average_of(network))


@pytest.mark.parametrize("value", [0.0, 1.0, -0.5, float("nan")])
def test_impossible_decays_are_refused(plain, value):
    with pytest.raises(InvalidArgument, match=r"average \(=.*\) must lie between 0 and 1"):
        replace(plain, average=value)
