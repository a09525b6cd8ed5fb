"""Predictions stand beside what a file has, pixel by pixel what the network says."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.events import FIVE_CLASS, Event, EventId, Grid, Image
from argoscope.files import parts
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_events
from argoscope.inference.predict import predict_file
from argoscope.inference.products import label_product, predicted_labels
from argoscope.inference.segmentation import segment
from argoscope.models.builders import resolved
from argoscope.models.preparation import Preparation
from argoscope.models.weights import load_model
from argoscope.simulation.chain import simulation_named
from argoscope.sparse import SparseTensor

PAPER2_SCALE = 52.0
"""Of 400 events of the preset paper2, in PIU."""


def by_hand(model, image, gain=1.0):
    """Scores of one plane, from the network itself; pixels outside the window have none."""
    charge = image.charge * np.float32(gain)
    seen = (charge >= 10) & (charge <= 300)
    rows = np.column_stack([np.zeros(seen.sum(), int), image.coordinates[seen]])
    x = SparseTensor.from_coordinates(rows, torch.from_numpy(charge[seen, None]), shape=image.grid.shape)
    with torch.no_grad():
        scores = model.network(x).features.softmax(1).numpy()
    return seen, scores


def test_each_plane_alone_has_the_bits_of_the_whole_event(make_model):
    model, event = load_model(make_model()), drawn_event(4)
    found = segment(model, event)
    for image, answer in zip(event.images, found, strict=True):
        seen, scores = by_hand(model, image)
        if image.grid.projection == 1:
            assert (answer.labels == FIVE_CLASS.unlabelled).all()
            assert not answer.scores.any()
            continue
        assert np.array_equal(answer.scores[seen], scores)
        assert np.array_equal(answer.labels[seen], scores.argmax(1))
        assert (answer.labels[~seen] == FIVE_CLASS.unlabelled).all()


def test_pixels_outside_the_window_have_no_prediction(make_model):
    image = Image.from_points(
        Grid((8, 8), projection=2),
        np.array([[0, 0], [1, 1], [2, 2], [3, 3]]),
        np.array([9.9, 10.0, 300.0, 301.0]),
    )
    other = Image.from_points(Grid((8, 8), projection=0), np.zeros((0, 2), int), np.zeros(0))
    model = load_model(make_model())
    labels = segment(model, Event(EventId(), (other, image), charge_unit="PIU"))[1].labels
    assert (labels == FIVE_CLASS.unlabelled).tolist() == [True, False, False, True]
    labels = segment(model, Event(EventId(), (other, image), charge_unit="PIU"), gain=1.001)[1].labels
    assert (labels == FIVE_CLASS.unlabelled).tolist() == [True, False, True, True] or labels[
        0
    ] != FIVE_CLASS.unlabelled


def test_a_file_keeps_its_products_and_gains_the_predictions(make_model, events_file, tmp_path):
    target = tmp_path / "out.h5"
    answer = predict_file(events_file, target, model=str(make_model()))
    model = load_model(make_model("again"))
    assert answer["events"] == 3
    with Larcv3File(events_file) as before, Larcv3File(target) as after:
        assert after.header.roles["prediction"] == label_product(2)
        for index in range(3):
            kept = after.record(index, before.products)
            assert kept == before.record(index)
            event = after.event(index)
            labels = predicted_labels(after.record(index), event, FIVE_CLASS)
            for image, mine, found in zip(event.images, labels, segment(model, event), strict=True):
                assert np.array_equal(mine, found.labels)
                score = after.record(index)["sparse2d_argoscope_score_Michel"]
                plane = next(p for p in score if p.grid == image.grid)
                assert np.array_equal(plane.values, found.scores[found.labels != FIVE_CLASS.unlabelled, 4])
        described = after.describe().provenance["configuration"]
        assert described["model"]["truth"] == "regular"
        assert described["model"]["sha256"] == hashlib.sha256(model.path.read_bytes()).hexdigest()


@pytest.mark.slow
def test_predictions_do_not_depend_on_the_number_of_processes(make_model, events_file, tmp_path, monkeypatch):
    path, files = str(make_model()), []
    monkeypatch.setattr(parts, "PART_EVENTS", 1)
    for workers in (1, 2):
        target = tmp_path / f"{workers}.h5"
        predict_file(events_file, target, model=path, workers=workers)
        with Larcv3File(target) as file:
            files.append([file.record(index) for index in range(3)])
    assert files[0] == files[1]


def test_an_empty_event_is_predicted_as_empty(make_model, tmp_path):
    planes = tuple(
        Image.from_points(Grid((8, 8), projection=p), np.zeros((0, 2), int), np.zeros(0)) for p in range(3)
    )
    source, target = tmp_path / "empty.h5", tmp_path / "out.h5"
    write_events(source, [Event(EventId(), planes, charge_unit="PIU")])
    predict_file(source, target, model=str(make_model()))
    with Larcv3File(target) as file:
        assert [len(labels) for labels in predicted_labels(file.record(0), file.event(0), FIVE_CLASS)] == [
            0,
            0,
            0,
        ]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (
            Event(
                EventId(),
                (Image.from_points(Grid((4, 4, 4)), np.zeros((1, 3), int), np.ones(1)),),
                charge_unit="PIU",
            ),
            "reads images of 2 dimensions and .* has 3",
        ),
        (
            Event(EventId(), drawn_event(1).images, charge_unit="ADC"),
            "charge in PIU and .* has ADC: .*--gain",
        ),
        (
            Event(EventId(), drawn_event(1).images[:2], charge_unit="PIU"),
            r"has the planes \[0, 1\] and lacks \[2\] of the planes \[2, 0\]",
        ),
    ],
)
def test_an_event_the_network_cannot_read_is_refused(make_model, event, message):
    with pytest.raises(InvalidArgument, match=message):
        segment(load_model(make_model()), event)


def test_another_charge_scale_is_said_with_its_remedy(make_model, events_file, tmp_path):
    near = predict_file(events_file, tmp_path / "a.h5", model=str(make_model()))
    assert near["warnings"] == []
    peaks = {}
    for factor in (1.0, 1.3):
        path = make_model(f"scale{factor}", charge_scale=40.0 / factor)
        peaks[factor] = predict_file(events_file, tmp_path / f"{factor}.h5", model=str(path))["warnings"]
    [warning] = peaks[1.3]
    gain = float(warning.split("--gain ")[1].split()[0])
    mended = predict_file(
        events_file, tmp_path / "c.h5", model=str(make_model("m", charge_scale=40.0 / 1.3)), gain=gain
    )
    assert mended["warnings"] == []


def test_a_scale_within_its_errors_is_no_other_gain(make_model, events_file, tmp_path):
    """The same 1.3, where the training data or the file tell it but roughly."""
    sure, unsure = (
        make_model(name, charge_scale=40.0 / 1.3, charge_scale_error=error)
        for name, error in (("sure", 0.1), ("unsure", 8.0))
    )
    [_] = predict_file(events_file, tmp_path / "a.h5", model=str(sure))["warnings"]
    assert predict_file(events_file, tmp_path / "b.h5", model=str(unsure))["warnings"] == []
    assert predict_file(events_file, tmp_path / "c.h5", model=str(sure), events=1)["warnings"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preset", "gains"),
    [("paper2", [1.4]), ("paper2-numu", []), ("paper2-1mu1p-low", [1.4])],
)
def test_a_mixture_of_particles_is_not_flatly_taken_for_a_gain(make_model, tmp_path, preset, gains):
    """Of paper 2's samples that of slow muons and slow protons has the highest peaks at the same gain, not beyond doubt."""
    simulation = simulation_named(preset, seed=990_011)
    write_events(tmp_path / "crops.h5", [simulation.event(number).event for number in range(25)])
    card = {"charge_scale": PAPER2_SCALE, "charge_scale_error": 0.03 * PAPER2_SCALE}
    model = str(make_model(preparation=Preparation(planes=(2,)), **card))
    for gain in (1.0, *([1.4] if gains else [])):
        found = predict_file(tmp_path / "crops.h5", tmp_path / f"{gain}.h5", model=model, gain=gain)[
            "warnings"
        ]
        assert len(found) == (gain in gains)
        for warning in found:
            assert "if the detector's gain differs, --gain" in warning
            assert "other kinds of particles shift them too" in warning


def test_another_unit_of_charge_needs_a_factor_that_may_be_1(make_model, tmp_path):
    write_events(tmp_path / "adc.h5", [replace(drawn_event(1), charge_unit="ADC")])
    model = str(make_model(charge_scale=None))
    with pytest.raises(InvalidArgument, match=r"has ADC: .*--gain"):
        predict_file(tmp_path / "adc.h5", tmp_path / "a.h5", model=model)
    assert predict_file(tmp_path / "adc.h5", tmp_path / "b.h5", model=model, gain=1.0)["events"] == 1


@pytest.mark.parametrize(
    ("detector", "told"), [("microboone", 0), ("sbnd-2018", 1), ("sbnd", 1), ("", 0), ("cube-192", 1)]
)
def test_another_detector_than_that_of_the_training_is_said(make_model, tmp_path, detector, told):
    write_events(tmp_path / "a.h5", [drawn_event(1)])
    model = str(make_model(charge_scale=None, detector=detector))
    found = predict_file(tmp_path / "a.h5", tmp_path / "b.h5", model=model)["warnings"]
    assert len(found) == told
    assert all(f"is of the detector microboone, and small was trained on {detector}" in one for one in found)


def test_a_threshold_is_told_in_the_unit_of_the_file(make_model, tmp_path):
    """All charge from 10; after a gain of 1.4 the network lacks what is between 10 and 14 there, 7.14 and 10 here."""
    image = Image.from_points(Grid((8, 8)), np.array([[1, 2], [3, 4]]), np.array([10.0, 40.0]))
    write_events(tmp_path / "a.h5", [Event(EventId(), (image,), charge_unit="PIU")])
    model = str(make_model(charge_scale=None, preparation=Preparation(least=10.0)))
    assert predict_file(tmp_path / "a.h5", tmp_path / "b.h5", model=model)["warnings"] == []
    [warning] = predict_file(tmp_path / "a.h5", tmp_path / "c.h5", model=model, gain=1.4)["warnings"]
    assert "has no charge below 10 on plane 0" in warning
    assert "was trained on all from 7.14 in the file's unit" in warning


@pytest.mark.parametrize("planes", [(), (0, 1, 2)])
def test_a_plane_that_is_empty_in_all_events_is_said(make_model, tmp_path, planes):
    """In one event alone it may well be empty."""
    events = [drawn_event(seed) for seed in range(3)]
    bare = events[0].images[1].take(np.zeros(0, int))
    dark = [replace(event, images=(event.images[0], bare, event.images[2])) for event in events]
    write_events(tmp_path / "one.h5", [dark[0], *events[1:]])
    write_events(tmp_path / "all.h5", dark)
    model = str(make_model(charge_scale=None, preparation=Preparation(planes=planes)))
    assert predict_file(tmp_path / "one.h5", tmp_path / "a.h5", model=model)["warnings"] == []
    [warning] = predict_file(tmp_path / "all.h5", tmp_path / "b.h5", model=model)["warnings"]
    assert "no charge on plane 1 in the first 3 events" in warning


def test_another_charge_scale_of_volumes_is_said_too(make_model, tmp_path):
    """A line of voxels along the first axis: each is a peak along the last."""
    rows = np.column_stack([np.arange(8), np.full(8, 3), np.full(8, 2)])
    image = Image.from_points(Grid((8, 6, 5)), rows, np.full(8, 0.26))
    write_events(
        tmp_path / "volume.h5", [Event(EventId(0, 0, n), (image,), charge_unit="MeV") for n in range(2)]
    )
    network = resolved({"kind": "uresnet", "dimensions": 3, "filters": 4, "depth": 2, "blocks": 1})
    card = {"network": network, "preparation": Preparation(), "charge_unit": "MeV"}
    for scale, words in ((0.2, "1.30 times (+- 0.00) as high"), (0.25, ""), (None, "")):
        path = make_model(f"scale-{scale}", charge_scale=scale, **card)
        found = predict_file(tmp_path / "volume.h5", tmp_path / f"{scale}.h5", model=str(path))["warnings"]
        assert len(found) == bool(words)
        assert words in "".join(found)


def test_nothing_is_written_where_the_model_or_the_gain_is_wrong(make_model, events_file, tmp_path):
    target = tmp_path / "out.h5"
    with pytest.raises(InvalidArgument, match="there is no model 'five-clas'"):
        predict_file(events_file, target, model="five-clas")
    with pytest.raises(InvalidArgument, match=r"gain \(=0\) must be finite and positive"):
        predict_file(events_file, target, model=str(make_model()), gain=0)
    path = make_model("damaged")
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(UnreadableFile):
        predict_file(events_file, target, model=str(path))
    assert not target.exists()


def test_a_prediction_on_a_pixel_without_charge_is_refused(make_model, events_file, tmp_path):
    target = tmp_path / "out.h5"
    predict_file(events_file, target, model=str(make_model()))
    with Larcv3File(target) as file:
        record, event = file.record(0), file.event(0)
    bare = Event(event.id, tuple(image.take(image.charge > 1e9) for image in event.images), charge_unit="PIU")
    with pytest.raises(InvalidArgument, match="predictions on pixels without charge"):
        predicted_labels(record, bare, FIVE_CLASS)


def test_an_interrupted_run_goes_on_with_its_parts(make_model, events_file, tmp_path, monkeypatch):
    whole, target, path = tmp_path / "whole.h5", tmp_path / "out.h5", str(make_model())
    predict_file(events_file, whole, model=path)
    monkeypatch.setattr(parts, "PART_EVENTS", 1)
    make, made = parts._make_part, []

    def dying(make_event, folder, numbers):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(numbers)
        return make(make_event, folder, numbers)

    monkeypatch.setattr(parts, "_make_part", dying)
    with pytest.raises(KeyboardInterrupt):
        predict_file(events_file, target, model=path)
    assert not target.exists()
    monkeypatch.setattr(parts, "_make_part", make)
    with pytest.raises(InvalidArgument, match="--resume"):
        predict_file(events_file, target, model=path)
    with pytest.raises(InvalidArgument, match="another order"):
        predict_file(events_file, target, model=path, gain=1.1, resume=True)
    assert predict_file(events_file, target, model=path, resume=True)["parts_kept"] == 2
    with Larcv3File(whole) as one, Larcv3File(target) as other:
        assert [one.record(n) for n in range(3)] == [other.record(n) for n in range(3)]
    assert predict_file(events_file, target, model=path, resume=True)["kept"]


def test_resume_of_another_order_refuses_finished_predictions(make_model, events_file, tmp_path):
    target, path, other = tmp_path / "out.h5", str(make_model()), tmp_path / "other.h5"
    predict_file(events_file, target, model=path)
    write_events(other, [drawn_event(9)])
    before = target.read_bytes()
    for change, words in (
        ({"gain": 1.1}, r"gain \(1\.0 in the file, 1\.1 asked for\)"),
        ({"events": 2}, r"events \(3 in the file, 2 asked for\)"),
        ({"source": other}, r"input"),
        ({"model": str(make_model("other"))}, r"model\.name \(small in the file, other asked for\)"),
    ):
        with pytest.raises(InvalidArgument, match=words):
            predict_file(**{"source": events_file, "target": target, "model": path, "resume": True, **change})
    with pytest.raises(InvalidArgument, match=r"there is no model 'five-clas'"):
        predict_file(events_file, target, model="five-clas", resume=True)
    assert target.read_bytes() == before


@pytest.mark.slow
def test_a_signal_ends_the_command_with_75_and_it_goes_on(make_model, tmp_path):
    source, target, model = tmp_path / "many.h5", tmp_path / "out.h5", str(make_model())
    write_events(source, [drawn_event(seed % 4) for seed in range(120)])
    command = [
        str(Path(sys.executable).with_name("argoscope")),
        "predict",
        str(source),
        "-m",
        model,
        "-o",
        str(target),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        while child.poll() is None and not list(tmp_path.glob("out.h5.parts/part-*")):
            time.sleep(0.01)
        child.send_signal(signal.SIGTERM)
        assert child.wait(60) == 75
        assert "--resume" in child.stderr.read()
    assert not target.exists()
    assert subprocess.run([*command, "--resume"], check=False).returncode == 0
    with Larcv3File(target) as file:
        assert len(file) == 120
