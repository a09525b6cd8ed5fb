"""Metrics of files are those of their events."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from argoscope.cli.main import main
from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument
from argoscope.events import SHAPE
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_events, write_records
from argoscope.inference.evaluate import evaluate_five_class
from argoscope.inference.predict import predict_file
from argoscope.inference.segmentation import segment
from argoscope.models.preparation import Preparation
from argoscope.models.weights import load_model


@pytest.fixture
def predicted(make_model, events_file, tmp_path):
    target = tmp_path / "predicted.h5"
    predict_file(events_file, target, model=str(make_model()))
    return target


def test_accuracy_of_a_file_is_counted_pixel_by_pixel(predicted, make_model):
    found = evaluate_five_class([predicted])
    model = load_model(make_model("again"))
    right = seen = 0
    for seed in range(3):
        event = drawn_event(seed)
        for image, answer in zip(event.images, segment(model, event), strict=True):
            counted = answer.labels != 5
            seen += counted.sum()
            right += (answer.labels == image.labels["semantic"].values)[counted].sum()
    assert found["pooled"]["accuracy"]["value"] == pytest.approx(right / seen)
    assert found["headline"] == "pooled"
    assert sorted(found["planes"]) == ["0", "2"]
    assert found["models"] == ["small"]
    assert np.sum(found["confusion"]["pixels"]) == seen
    assert (found["events"], found["images"], found["charge_unit"]) == (3, 6, "PIU")


def test_a_plane_outside_the_window_is_unseen_and_one_that_is_not_read_is_no_image(make_model, tmp_path):
    """Of the planes 2 and 0 that are read, 0 has no charge in the window; plane 1 is not read."""
    event = drawn_event(0)
    faint = [
        image if image.grid.projection != 0 else replace(image, charge=image.charge * np.float32(1e-3))
        for image in event.images
    ]
    write_events(tmp_path / "faint.h5", [replace(event, images=tuple(faint))])
    predict_file(tmp_path / "faint.h5", tmp_path / "out.h5", model=str(make_model()))
    found = evaluate_five_class([tmp_path / "out.h5"])
    labelled = [int(image.label("semantic").labelled.sum()) for image in event.images]
    assert (found["events"], found["images"], sorted(found["planes"])) == (1, 2, ["0", "2"])
    assert found["unseen"] + np.sum(found["confusion"]["pixels"]) == labelled[0] + labelled[2]
    assert found["unseen"] >= labelled[0] > 0
    assert found["planes"]["0"]["accuracy"]["value"] is None


def test_files_of_several_units_of_charge_are_refused(predicted, tmp_path):
    other = tmp_path / "other.h5"
    with Larcv3File(predicted) as file:
        header = replace(file.header, charge_unit="ADC")
        write_records(other, [file.record(index) for index in range(3)], header)
    with pytest.raises(InvalidArgument, match=r"charge in ADC; regular truth, 2D, charge in PIU\).*apart"):
        evaluate_five_class([predicted, other])


def test_a_plane_has_the_pooled_numbers_of_its_images(predicted, make_model, events_file, tmp_path):
    planes = evaluate_five_class([predicted])["planes"]
    for plane in (0, 2):
        alone = tmp_path / f"plane{plane}.h5"
        preparation = Preparation(planes=(plane,), least=10.0, most=300.0)
        predict_file(events_file, alone, model=str(make_model(f"of-{plane}", preparation=preparation)))
        found = evaluate_five_class([alone])
        assert planes[str(plane)] == found["pooled"] == found["planes"][str(plane)]


def test_relabelled_truth_is_what_the_card_names(make_model, events_file, tmp_path):
    target = tmp_path / "relabelled.h5"
    preparation = Preparation(planes=(2,), truth="relabelled", least=10.0)
    predict_file(events_file, target, model=str(make_model("r", preparation=preparation)))
    assert evaluate_five_class([target])["truth"] == "relabelled"
    assert evaluate_five_class([target], truth="regular")["truth"] == "regular"


def test_files_without_predictions_or_with_two_truths_are_refused(
    predicted, events_file, make_model, tmp_path
):
    with pytest.raises(InvalidArgument, match=r"has no predictions .* run `argoscope predict` on it first"):
        evaluate_five_class([events_file])
    other = tmp_path / "other.h5"
    path = make_model("o", preparation=Preparation(truth="relabelled"))
    predict_file(events_file, other, model=str(path))
    with pytest.raises(
        InvalidArgument, match=r"regular truth, .*; relabelled truth, .*: evaluate them apart"
    ):
        evaluate_five_class([predicted, other])


@pytest.mark.parametrize(("role", "what"), [("prediction", "predictions"), ("semantic", "true classes")])
def test_labels_of_another_scheme_are_refused(predicted, tmp_path, role, what):
    """Class 0 is HIP in one scheme and shower in the other: the numbers would be of nothing."""
    other = tmp_path / "other.h5"
    with Larcv3File(predicted) as file:
        header = replace(file.header, schemes={**file.header.schemes, file.header.roles[role]: SHAPE})
        write_records(other, [file.record(index) for index in range(3)], header)
    with pytest.raises(
        InvalidArgument, match=rf"the {what} of .* the scheme 'shape', and 'five-class' \(HIP"
    ):
        evaluate_five_class([other])


def test_an_unknown_truth_is_refused(predicted, capfd):
    assert main(["evaluate", "five-class", str(predicted), "--truth", "relabeled"]) == 2
    assert "there is no truth 'relabeled'. Did you mean 'relabelled'?" in capfd.readouterr().err


def test_the_commands_give_one_json_document(make_model, events_file, tmp_path, capfd):
    target = tmp_path / "cli.h5"
    assert main(["predict", str(events_file), "-m", str(make_model()), "-o", str(target), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)[0]["events"] == 3
    assert main(["evaluate", "five-class", str(target), "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert {"per_event", "pooled", "two_class", "confusion", "scheme", "events"} <= set(found)
    assert main(["evaluate", "five-class", str(target)]) == 0
    assert "accuracy per event" in capfd.readouterr().out
