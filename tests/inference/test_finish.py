"""Finished models: the card says what `evaluate` prints, half precision only where it moves nothing."""

from __future__ import annotations

import errno
import json
import math

import pytest
import torch
from safetensors.torch import load_file
from tests.instance_files import event, nothing, with_prediction, write

from argoscope.cli.main import main
from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument, StorageError
from argoscope.files.larcv3_write import write_events
from argoscope.inference import finish
from argoscope.inference.evaluate import evaluate_five_class
from argoscope.inference.evaluate_instances import evaluate_instances
from argoscope.inference.finish import finish_model
from argoscope.inference.predict import predict_file
from argoscope.models.builders import resolved
from argoscope.models.preparation import Preparation
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


def test_the_card_says_which_classes_are_taken_for_which(tmp_path, make_model, events_file):
    """In whole pixels, truth in rows: as many as `evaluate` counts, and no charge beside."""
    answer = finish_model(str(make_model()), tmp_path / "done", held_out=[events_file])
    predict_file(events_file, tmp_path / "predicted.h5", model=answer["model"])
    printed = evaluate_five_class([tmp_path / "predicted.h5"])["confusion"]
    (measured,) = _card(answer).metrics["held_out"]
    assert measured["confusion"] == {"pixels": printed["pixels"], "rows": "truth"}
    counts = [count for row in measured["confusion"]["pixels"] for count in row]
    assert sum(counts) > 0
    assert {type(count) for count in counts} == {int}


def test_instances_are_measured_as_evaluate_prints_them(tmp_path, make_model):
    records = [with_prediction(event(number, (30, 20)), nothing) for number in range(2)]
    toys = write(tmp_path / "toys.h5", records)
    network = resolved({"extends": "seed-masks", "filters": 4, "depth": 5, "embedding": 6})
    preparation = Preparation(planes=(2,))
    model = make_model(task="instances", network=network, scheme="cosmic", preparation=preparation)
    answer = finish_model(str(model), tmp_path / "done", held_out=[toys])
    predict_file(toys, tmp_path / "predicted.h5", model=answer["model"])
    printed = evaluate_instances([tmp_path / "predicted.h5"])
    (measured,) = _card(answer).metrics["held_out"]
    kept = ("overall", "pooled", "classes", "baseline_dbscan", "rules", "interval")
    assert {key: measured[key] for key in kept} == {key: printed[key] for key in kept}
    assert measured["baseline_dbscan"]["overall"]["efficiency"]["value"] > 0


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


def test_events_without_a_seed_are_measured_with_a_warning(tmp_path, make_model, events_file, capfd):
    seeded = tmp_path / "seeded.h5"
    write_events(seeded, [drawn_event(0)], provenance={"seeds": {"simulation": 990_001}})
    files = ["--held-out", str(events_file), "--held-out", str(seeded)]
    assert main(["finish", str(make_model()), *files, "-o", str(tmp_path / "done"), "--json"]) == 0
    out, err = capfd.readouterr()
    (warning,) = json.loads(out)["warnings"]
    assert "drawn.h5 does not say the seed of its simulation" in warning
    assert warning in err


def numbers(value, other=0.5):
    """A block as `evaluate` gives it: a number, a class with a number, and what is no number."""
    return {
        "accuracy": {"value": other, "low": 0.1, "high": 0.9},
        "classes": {"HIP": {"accuracy": {"value": value, "low": None, "high": None}, "events": 3}},
        "spread": 0.2,
    }


@pytest.mark.parametrize(
    ("one", "other", "moved"),
    [
        (None, None, 0.0),
        (None, 0.25, math.inf),
        (0.25, None, math.inf),
        (0.25, 0.75, 0.5),
        (0.0, 0.0, 0.0),
    ],
)
def test_a_number_that_comes_or_goes_has_moved_without_bound(one, other, moved):
    assert finish._moved(numbers(one), numbers(other)) == moved


def test_weights_stay_whole_where_half_precision_takes_a_number_away(
    tmp_path, make_model, events_file, monkeypatch
):
    monkeypatch.setattr(finish, "_moved", lambda *_: math.inf)
    answer = finish_model(str(make_model()), tmp_path / "done", held_out=[events_file])
    assert (answer["stored"], answer["moved"]) == ("float32", None)


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


def test_a_folder_that_cannot_be_made_is_said_with_what_to_do(tmp_path, make_model, events_file, monkeypatch):
    model, held_out = str(make_model()), [events_file]
    (tmp_path / "file").touch()
    with pytest.raises(InvalidArgument, match=r"the output .*file is a file: name a folder"):
        finish_model(model, tmp_path / "file", held_out=held_out)
    with pytest.raises(StorageError, match=r"file/done could not be written: .*Not a directory"):
        finish_model(model, tmp_path / "file" / "done", held_out=held_out)

    def refuse(**_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(finish.tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(
        StorageError, match=r"done could not be written: the folder may not be written by this user"
    ):
        finish_model(model, tmp_path / "done", held_out=held_out)


def test_an_existing_model_is_not_replaced_unasked(tmp_path, make_model, events_file):
    model = str(make_model())
    finish_model(model, tmp_path / "done", held_out=[events_file])
    with pytest.raises(InvalidArgument, match="exists"):
        finish_model(model, tmp_path / "done", held_out=[events_file])
    finish_model(model, tmp_path / "done", held_out=[events_file], overwrite=True)
