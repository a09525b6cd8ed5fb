"""Finished models: the card says what `evaluate` prints, half precision only where it moves nothing."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file

from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument
from argoscope.files.larcv3_write import write_events
from argoscope.inference import finish
from argoscope.inference.evaluate import evaluate_five_class
from argoscope.inference.finish import finish_model
from argoscope.inference.predict import predict_file
from argoscope.models.weights import load_model


def _card(answer):
    return load_model(answer["model"]).card


def test_the_card_says_what_evaluate_prints(tmp_path, make_model, events_file):
    answer = finish_model(
        str(make_model()), tmp_path / "done", held_out=[events_file], limits=["drawn events"]
    )
    card = _card(answer)
    predict_file(events_file, tmp_path / "predicted.h5", model=answer["model"])
    printed = evaluate_five_class([tmp_path / "predicted.h5"])
    (measured,) = card.metrics["held_out"]
    for key in ("per_event", "pooled", "two_class", "planes", "headline", "truth"):
        assert measured[key] == printed[key]
    assert measured["sample"]["events"] == 3
    assert measured["sample"]["file"] == "drawn.h5"
    assert card.limits == ("drawn events",)
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == ["small.json", "small.safetensors"]


def test_weights_are_halved_only_where_that_moves_nothing(tmp_path, make_model, events_file, monkeypatch):
    model = str(make_model())
    half = finish_model(model, tmp_path / "half", held_out=[events_file])
    monkeypatch.setattr(finish, "HALF_MOVES", 0.0)
    whole = finish_model(model, tmp_path / "whole", held_out=[events_file])
    kinds = {
        name: {t.dtype for t in load_file(answer["model"]).values() if t.is_floating_point()}
        for name, answer in (("half", half), ("whole", whole))
    }
    assert kinds == {"half": {torch.float16}, "whole": {torch.float32}}
    assert [answer["stored"] for answer in (half, whole)] == ["float16", "float32"]
    assert [_card(answer).training["stored"] for answer in (half, whole)] == ["float16", "float32"]


def test_every_file_has_numbers_of_its_own(tmp_path, make_model, events_file):
    other = tmp_path / "other.h5"
    write_events(other, [drawn_event(7)])
    answer = finish_model(str(make_model()), tmp_path / "done", held_out=[events_file, other])
    assert [m["sample"]["events"] for m in answer["held_out"]] == [3, 1]
    assert answer["held_out"][0]["pooled"] != answer["held_out"][1]["pooled"]
    assert (
        json.loads((tmp_path / "done" / "small.json").read_text())["metrics"]["held_out"]
        == answer["held_out"]
    )


@pytest.mark.parametrize("seed", [11, 900_001])
def test_events_of_training_and_tuning_are_refused(tmp_path, make_model, seed):
    path = tmp_path / "seeded.h5"
    write_events(path, [drawn_event(0)], provenance={"seeds": {"simulation": seed}})
    with pytest.raises(InvalidArgument, match=f"seed {seed} is for training or tuning"):
        finish_model(str(make_model()), tmp_path / "done", held_out=[path])


def test_a_model_without_held_out_events_is_not_finished(tmp_path, make_model):
    with pytest.raises(InvalidArgument, match="held_out is empty"):
        finish_model(str(make_model()), tmp_path / "done", held_out=[])


def test_a_task_that_nothing_measures_is_refused(tmp_path, make_model, events_file):
    with pytest.raises(InvalidArgument, match=r"nothing measures the task 'five-clas'.*five-class"):
        finish_model(str(make_model(task="five-clas")), tmp_path / "done", held_out=[events_file])


def test_an_existing_model_is_not_replaced_unasked(tmp_path, make_model, events_file):
    model = str(make_model())
    finish_model(model, tmp_path / "done", held_out=[events_file])
    with pytest.raises(InvalidArgument, match="exists"):
        finish_model(model, tmp_path / "done", held_out=[events_file])
    finish_model(model, tmp_path / "done", held_out=[events_file], overwrite=True)
