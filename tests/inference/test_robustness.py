"""Varied events: what each variation does to an image, and curves with paired changes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests import instance_files as toy
from tests.michel_files import michel_event

from argoscope.cli.main import main
from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument
from argoscope.inference.evaluate_instances import evaluate_instances
from argoscope.inference.predict import predict_file
from argoscope.inference.robustness import robustness
from argoscope.inference.variations import IMAGE_VARIATIONS, parsed_curve, varied_images
from argoscope.models.builders import resolved
from argoscope.models.preparation import Preparation


def points(answer, name):
    (curve,) = (curve for curve in answer["curves"] if curve["name"] == name)
    return {point["value"]: point for point in curve["points"]}


def test_noise_moves_the_charge_of_each_pixel_and_of_no_other():
    event = drawn_event(0)
    noisy = varied_images(event, "noise", "2.5", (1, 0))
    moved = np.concatenate([
        a.charge[np.isin(a.ids, b.ids)] - b.charge for a, b in zip(event.images, noisy.images, strict=True)
    ])  # fmt: skip
    assert np.std(moved) == pytest.approx(2.5, rel=0.1)
    assert all(np.isin(b.ids, a.ids).all() for a, b in zip(event.images, noisy.images, strict=True))
    twice = varied_images(event, "noise", "5", (1, 0))
    both = np.intersect1d(noisy.images[0].ids, twice.images[0].ids, return_indices=True)
    first = event.images[0].charge[np.isin(event.images[0].ids, both[0])]
    # The same draw, twice as large: points of a curve differ in the value alone.
    np.testing.assert_allclose(
        twice.images[0].charge[both[2]] - first,
        2 * (noisy.images[0].charge[both[1]] - first),
        rtol=1e-3,
        atol=1e-3,
    )


def test_a_pixel_left_without_charge_is_lost():
    event = varied_images(michel_event(0), "noise", "10", (1, 0))
    assert 0 < len(event.images[0]) < len(michel_event(0).images[0])
    assert (event.images[0].charge > 0).all()


def test_dead_wires_are_whole_wires_and_their_share():
    event = drawn_event(0)
    dead = varied_images(event, "dead_wires", "0.5", (1, 0))
    for before, after in zip(event.images, dead.images, strict=True):
        left, gone = (
            set(after.coordinates[:, 0]),
            set(before.coordinates[:, 0]) - set(after.coordinates[:, 0]),
        )
        assert gone
        assert not left & gone
        assert len(after) == np.isin(before.coordinates[:, 0], list(left)).sum()


@pytest.mark.parametrize("name", sorted(IMAGE_VARIATIONS))
def test_an_event_without_charge_stays_so(name):
    event = varied_images(drawn_event(0), "threshold", "1e6", (0,))
    assert varied_images(event, name, "0.5", (0,)).pixels == 0


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("gains", "1", "no variation of images 'gains'. Did you mean 'gain'"),
        ("gain", "one", r"gain \(='one'\) must be a number"),
        ("noise", "-1", r"noise \(=-1\) must be finite and not negative"),
        ("dead_wires", "1", r"dead_wires \(=1.0\) must be a share"),
    ],
)
def test_impossible_variations_are_refused(name, value, message):
    with pytest.raises(InvalidArgument, match=message):
        varied_images(drawn_event(0), name, value, (0,))


@pytest.mark.parametrize("text", ["gain", "=1", "gain=", "gain=1,,2"])
def test_a_curve_of_another_form_is_refused(text):
    with pytest.raises(InvalidArgument, match="must have the form NAME=VALUE"):
        parsed_curve(text)


def test_a_file_has_the_gain_by_default_and_no_change_at_1(make_model, events_file):
    found = robustness(str(events_file), model=str(make_model()), events=2)
    gains = points(found, "gain")
    assert (found["events"], len(gains)) == (2, 7)
    assert gains["1"]["metrics"] == found["central"]
    assert {change["value"] for change in gains["1"]["change"].values()} <= {0.0, None}
    assert gains["0.75"]["metrics"]["accuracy"] != found["central"]["accuracy"]


def test_pixels_that_a_gain_hides_from_the_network_are_told(make_model, events_file):
    """The small model sees planes 0 and 2, charges of 10 to 300."""
    found = robustness(
        str(events_file), model=str(make_model()), events=2, curves=["gain=0.75,1", "threshold=20"]
    )

    def seen(gain, least=10):
        count = 0
        for event in map(drawn_event, range(2)):
            for image in (event.image(0), event.image(2)):
                charge = image.charge * np.float32(gain)
                count += (image.label("semantic").labelled & (charge >= least) & (charge <= 300)).sum()
        return count

    assert found["pixels"] == points(found, "gain")["1"]["pixels"] == seen(1.0)
    assert points(found, "gain")["0.75"]["pixels"] == seen(0.75) != seen(1.0)
    assert points(found, "threshold")["20"]["pixels"] == seen(1.0, 20) < seen(1.0)


def test_instances_are_followed_too_as_evaluate_has_them(make_model, tmp_path):
    toys = toy.write(
        tmp_path / "toys.h5", [toy.with_prediction(toy.event(n, (30, 20)), toy.nothing) for n in range(2)]
    )
    network = resolved({"extends": "seed-masks", "filters": 4, "depth": 5, "embedding": 6})
    model = make_model(task="instances", network=network, scheme="cosmic", preparation=Preparation(planes=(2,)))  # fmt: skip
    found = robustness(str(toys), model=str(model), events=2, curves=["gain=0.01,1"])
    predict_file(toys, tmp_path / "predicted.h5", model=str(model))
    printed = evaluate_instances([tmp_path / "predicted.h5"])["overall"]
    values = {name: estimate["value"] for name, estimate in found["central"].items()}
    assert values == {name: estimate["value"] for name, estimate in printed.items()}
    assert values["efficiency"] is not None
    assert points(found, "gain")["1"]["metrics"] == found["central"]
    assert points(found, "gain")["0.01"]["pixels"] == 0 < found["pixels"]


def test_settings_of_the_simulation_need_a_preset(make_model, events_file):
    model = str(make_model())
    with pytest.raises(InvalidArgument, match="'lifetime_us' does not go with a file"):
        robustness(str(events_file), model=model, curves=["lifetime_us=3000"])
    with pytest.raises(InvalidArgument, match=r"there is no preset 'cube-193'. Did you mean"):
        robustness("cube-193", model=model)


@pytest.fixture
def volume_model(make_model):
    network = {
        "kind": "uresnet",
        "dimensions": 3,
        "features": 1,
        "classes": 5,
        "filters": 2,
        "depth": 2,
        "blocks": 1,
    }
    return str(
        make_model("volume", network=network, preparation=Preparation(truth="relabelled"), charge_unit="MeV")
    )


def test_a_preset_is_simulated_with_the_same_particles(volume_model):
    """A threshold as it is changes nothing; another one takes pixels away from the same events."""
    found = robustness(
        "cube-192", model=volume_model, events=2, seed=990_003, curves=["threshold_mev=0.05,0.2", "gain=1"]
    )
    thresholds = points(found, "threshold_mev")
    assert thresholds["0.05"]["metrics"] == points(found, "gain")["1"]["metrics"] == found["central"]
    assert thresholds["0.2"]["metrics"] != found["central"]
    assert thresholds["0.2"]["vary"] == ["threshold_mev=0.2"]


def test_the_command_prints_json_and_draws(volume_model, tmp_path, capfd):
    arguments = [
        "robustness",
        "cube-192",
        "--model",
        volume_model,
        "-n",
        "1",
        "--curve",
        "gain=0.9,1.1",
        "--seed",
        "990003",
    ]
    assert main([*arguments, "--json", "--figures", str(tmp_path / "figures")]) == 0
    found = json.loads(capfd.readouterr().out)
    assert [point["value"] for point in points(found, "gain").values()] == ["0.9", "1.1"]
    assert set(found["central"]["accuracy"]) == {"value", "low", "high"}
    assert found["charge_unit"] == "MeV"
    # No picture is made of numbers that the central event has not: it has no Michel electron.
    assert {found["central"][name]["value"] for name in found["averaging"] if name.startswith("michel")} == {
        None
    }
    assert {path.name for path in (tmp_path / "figures").glob("*.png")} == {"gain.png", "gain-change.png"}
    assert main([*arguments, "--metric", "acuracy"]) == 2
    assert "Did you mean 'accuracy'" in capfd.readouterr().err
