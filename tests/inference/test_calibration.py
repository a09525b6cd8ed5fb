"""Calibrated scores: fitted by finish, kept in the card, applied by predict, seen by evaluate."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from argoscope.analyses.reliability import tempered
from argoscope.cli.main import main
from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, LabelColumn
from argoscope.files.larcv3_write import write_events
from argoscope.inference.evaluate_reliability import evaluate_reliability, file_temperature
from argoscope.inference.finish import finish_model
from argoscope.inference.predict import predict_file
from argoscope.inference.segmentation import segment
from argoscope.models.weights import load_model


def mostly_right(model, seed):
    """A drawn event whose true classes are what the model says, but for one pixel in ten."""
    event, rng = drawn_event(seed), np.random.default_rng(seed)
    images = []
    for image, found in zip(event.images, segment(model, event), strict=True):
        flipped = rng.random(len(image)) < 0.1
        truth = np.where(flipped & (found.labels < 5), rng.integers(0, 5, len(image)), found.labels)
        column = LabelColumn(truth.astype(np.int32), FIVE_CLASS)
        images.append(replace(image, labels={**image.labels, "semantic": column}))
    return replace(event, images=tuple(images))


@pytest.fixture
def finished(tmp_path, make_model):
    path = make_model()
    model = load_model(path)
    for name, seeds in (("tuning", (8, 9)), ("test", (10, 11))):
        write_events(tmp_path / f"{name}.h5", [mostly_right(model, seed) for seed in seeds])
    return finish_model(
        str(path), tmp_path / "done", held_out=[tmp_path / "test.h5"], calibrate=tmp_path / "tuning.h5"
    )


def test_the_card_has_the_temperature_and_its_scores_what_they_are_worth(finished, tmp_path, make_model):
    card = load_model(finished["model"]).card
    assert card.temperature == finished["temperature"] != 1.0
    scores = card.metrics["held_out"][0]["reliability"]
    assert scores["temperature"] == card.temperature
    predict_file(tmp_path / "test.h5", tmp_path / "plain.h5", model=str(make_model("again")))
    plain = evaluate_reliability([tmp_path / "plain.h5"])
    assert scores["plain"]["ece"]["value"] == pytest.approx(plain["ece"]["value"], abs=1e-4)
    assert scores["calibrated"]["likelihood"]["value"] < scores["plain"]["likelihood"]["value"]
    assert card.data["calibration"]["file"] == "tuning.h5"


def test_calibrated_scores_are_at_the_best_temperature_of_their_own_file(finished, tmp_path):
    predict_file(tmp_path / "tuning.h5", tmp_path / "out.h5", model=finished["model"])
    assert file_temperature(tmp_path / "out.h5") == pytest.approx(1.0, abs=0.01)


def test_predict_divides_by_the_temperature_and_leaves_labels(make_model):
    model = load_model(make_model())
    warm = replace(model, card=replace(model.card, temperature=2.0))
    event = drawn_event(0)
    for plain, calibrated in zip(segment(model, event), segment(warm, event), strict=True):
        np.testing.assert_array_equal(plain.labels, calibrated.labels)
        seen = plain.scores.sum(axis=1) > 0
        np.testing.assert_allclose(
            calibrated.scores[seen], tempered(plain.scores[seen], 2.0), rtol=1e-4, atol=1e-6
        )
        assert (calibrated.scores[~seen] == 0).all()


def test_without_events_for_tuning_nothing_is_calibrated(tmp_path, make_model, events_file):
    answer = finish_model(str(make_model()), tmp_path / "done", held_out=[events_file])
    assert answer["temperature"] == 1.0
    assert "reliability" not in load_model(answer["model"]).card.metrics["held_out"][0]


@pytest.mark.parametrize(("seed", "use"), [(1, "training or tuning"), (990_001, "tests")])
def test_seeds_of_another_use_are_refused(tmp_path, make_model, events_file, seed, use):
    path = tmp_path / "tuning.h5"
    write_events(path, [drawn_event(8)], provenance={"seeds": {"simulation": seed}})
    with pytest.raises(
        InvalidArgument, match=rf"seed {seed} is for {use}; tuning events have seeds from 900000 to 989999"
    ):
        finish_model(str(make_model()), tmp_path / "done", held_out=[events_file], calibrate=path)


def test_a_card_has_a_temperature_that_can_be(make_model):
    with pytest.raises(InvalidArgument, match=r"temperature \(=0\) of a card"):
        make_model(temperature=0)


def test_the_command(tmp_path, make_model, events_file, capfd):
    predict_file(events_file, tmp_path / "p.h5", model=str(make_model()))
    folder = tmp_path / "figures"
    assert main(["evaluate", "reliability", str(tmp_path / "p.h5"), "--json", "--figures", str(folder)]) == 0
    found = json.loads(capfd.readouterr().out)
    assert set(found["classes"]) == {"HIP", "MIP", "shower", "delta", "Michel"}
    assert {path.name for path in folder.glob("*.png")} == {"reliability.png", "reliability-classes.png"}
    assert main(["evaluate", "reliability", str(tmp_path / "p.h5")]) == 0
    assert "ECE, Michel" in capfd.readouterr().out
    assert main(["evaluate", "reliability", str(events_file)]) == 2
    assert "run `argoscope predict` on it first" in capfd.readouterr().err
