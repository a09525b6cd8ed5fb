"""Cosmic tagging of whole files: the metrics are those of their pixels, odd files are refused in one sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.tagged_files import (
    CHARGE,
    NEUTRINO,
    SAID,
    TRUTH,
    all_cosmic,
    event,
    header_of,
    predicted_file,
    random_flips,
    truth_itself,
    with_prediction,
    write,
)

from argoscope.analyses.cosmic_tagging import METRICS
from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, Record, Voxels
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.evaluate_cosmic import evaluate_cosmic_tagging, evaluate_selection

SBND = "sbnd_larcv3_events0-2.h5"
LARGE = {"shape": (64, 48), "pixels": 2000}  # enough neutrino pixels for the paper's cuts once pooled


def toys(predict=truth_itself, **options):
    kinds = ("nue", "numu", "nc", "cosmic")
    return [with_prediction(event(seed, kind=kind, **options), predict) for seed, kind in enumerate(kinds)]


def values(block):
    return {name: block[name]["value"] for name in METRICS}


def test_truth_against_itself_is_perfect(tmp_path):
    found = evaluate_cosmic_tagging([write(tmp_path / "a.h5", toys())])
    for convention in ("paper", "strict", "full_resolution"):
        assert values(found[convention]) == dict.fromkeys(METRICS, 1.0)
    assert found["strict"]["left_out"]["iou_neutrino"] == 3
    assert found["models"] == ["toy"]
    assert [row["interaction"] for row in found["events"]] == ["nue", "numu", "nc", "cosmic"]
    assert found["events"][3] | {"planes": 0} == {
        "file": "a.h5", "entry": 3, "run": 1, "subrun": 2, "event": 3, "interaction": "cosmic", "energy_gev": None,
        "planes": 0, **dict.fromkeys(METRICS, 1.0),
    }  # fmt: skip


def test_calling_all_above_ten_cosmic_gives_the_baseline_in_every_convention(tmp_path):
    found = evaluate_cosmic_tagging([write(tmp_path / "a.h5", toys(all_cosmic))])
    base = found["baseline_all_cosmic"]
    assert values(base) == values(found["paper"])
    for convention in ("strict", "full_resolution"):
        assert base[convention] == found[convention]
    # Without a predicted neutrino, its IoU is 0 where there is one and 1 on the three planes without.
    assert base["iou_neutrino"]["value"] == pytest.approx(3 / 12)
    assert base["strict"]["iou_neutrino"]["value"] == 0


def test_flips_at_full_resolution_are_counted_pixel_by_pixel(tmp_path):
    records = toys(random_flips)
    found = evaluate_cosmic_tagging([write(tmp_path / "a.h5", records)])
    accuracy = [
        np.mean(said.values[true.values > 0] == true.values[true.values > 0])
        for record in records
        for true, said in zip(record[TRUTH], record[SAID], strict=True)
    ]
    full = found["full_resolution"]["non_background_accuracy"]["value"]
    assert full == pytest.approx(np.mean(accuracy))
    assert 0 < full < 1


def test_files_are_evaluated_together(tmp_path):
    records = toys(random_flips)
    whole = evaluate_cosmic_tagging([write(tmp_path / "a.h5", records)])
    parts = [write(tmp_path / f"{n}.h5", [record]) for n, record in enumerate(records)]
    apart = evaluate_cosmic_tagging(parts)
    assert apart["paper"] == whole["paper"]
    assert apart["by_interaction"] == whole["by_interaction"]


def test_planes_may_stand_in_any_order(tmp_path):
    records = toys(random_flips)
    turned = []
    for record in records:
        truth, said, charge = (record[name] for name in (TRUTH, SAID, CHARGE))
        other = {TRUTH: truth[::-1], SAID: (*said[1:], said[0]), CHARGE: (*charge[2:], *charge[:2])}
        turned.append(Record(record.id, {**record.products, **other}))
    path = write(tmp_path / "a.h5", records)
    found = evaluate_cosmic_tagging([path])
    path.unlink()
    assert evaluate_cosmic_tagging([write(path, turned)]) == found


def test_labels_without_charge_and_pixels_without_prediction_count(tmp_path):
    """A plane of four pixels: one label has no charge, one pixel no prediction."""
    record = event(1, pixels=4)
    grids = [plane.grid for plane in record[CHARGE]]
    ids = np.array([0, 40, 80, 120])
    truth = tuple(Voxels(g, ids, np.array([1, 1, 2, 0], np.float32)) for g in grids)
    charge = tuple(Voxels(g, ids[1:], np.array([20, 30, 6], np.float32)) for g in grids)
    said = tuple(Voxels(g, ids[[0, 2, 3]], np.array([1, 2, 2], np.float32)) for g in grids)
    record = Record(record.id, {**record.products, CHARGE: charge, TRUTH: truth, SAID: said})
    found = evaluate_cosmic_tagging([write(tmp_path / "a.h5", [record])])
    assert (found["without_charge"], found["unseen"]) == (3, 3)
    # Right: the cosmic pixel without charge and the neutrino; missed: the cosmic pixel without prediction.
    assert found["full_resolution"]["non_background_accuracy"]["value"] == pytest.approx(2 / 3)
    assert found["full_resolution"]["iou_cosmic"]["value"] == pytest.approx(1 / 2)
    assert found["full_resolution"]["iou_neutrino"]["value"] == pytest.approx(1 / 2)


def test_charge_that_the_truth_leaves_out_is_background(tmp_path):
    """Two charged pixels, one of them with a true label; both are called cosmic."""
    record = event(1, pixels=2)
    grids = [plane.grid for plane in record[CHARGE]]
    both = tuple(Voxels(g, np.array([0, 90]), np.array([20, 30], np.float32)) for g in grids)
    said = tuple(Voxels(g, np.array([0, 90]), np.ones(2, np.float32)) for g in grids)
    truth = tuple(Voxels(g, np.array([90]), np.ones(1, np.float32)) for g in grids)
    record = Record(record.id, {**record.products, CHARGE: both, TRUTH: truth, SAID: said})
    found = evaluate_cosmic_tagging([write(tmp_path / "a.h5", [record])])
    assert found["full_resolution"]["iou_cosmic"]["value"] == pytest.approx(1 / 2)


def test_events_without_any_pixel_are_events(tmp_path):
    found = evaluate_cosmic_tagging([write(tmp_path / "a.h5", toys(pixels=0))])
    assert values(found["paper"])["iou_neutrino"] == 1.0
    assert found["paper"]["non_background_accuracy"]["value"] is None
    assert found["strict"]["left_out"]["iou_cosmic"] == 12


def selection_sample(**options):
    """True labels as prediction; in cosmic events no neutrino pixel is predicted."""
    return toys(**LARGE, **options)


def test_a_selection_on_the_truth_keeps_neutrinos_and_rejects_cosmic_rays(tmp_path):
    found = evaluate_selection([write(tmp_path / "a.h5", selection_sample())])
    assert {kind: found["efficiency"][kind]["value"] for kind in ("nue", "numu", "nc")} == {
        "nue": 1.0, "numu": 1.0, "nc": 1.0,
    }  # fmt: skip
    assert found["cosmic_rejection"]["value"] == 1.0
    assert found["dirt_rejection"]["value"] is None
    assert found["area"]["nue"]["value"] == 1.0
    assert {kind: number for kind, number in found["events"].items() if number} == {
        "nue": 1, "numu": 1, "nc": 1, "cosmic": 1,
    }  # fmt: skip


def test_cuts_act_on_pooled_images(tmp_path):
    """Each plane has 12 neutrino pixels in 3 blocks: the cut of 3 keeps, 4 rejects."""
    record = event(1, shape=(24, 16), pixels=1)
    at = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    coordinates = np.concatenate([at + np.array([2 * k, 0]) for k in range(3)])
    grids = [plane.grid for plane in record[CHARGE]]
    planes = tuple(Voxels(g, np.sort(g.ids(coordinates)), np.full(12, 2, np.float32)) for g in grids)
    path = write(tmp_path / "a.h5", [Record(record.id, {**record.products, TRUTH: planes, SAID: planes})])
    assert evaluate_selection([path], least_pixels=3)["efficiency"]["nue"]["value"] == 1.0
    assert evaluate_selection([path], least_pixels=4)["efficiency"]["nue"]["value"] == 0.0


def test_a_neutrino_outside_the_chamber_is_background(tmp_path):
    records = [with_prediction(event(1, vertex=(900.0, 0.0, 0.0), **LARGE), truth_itself)]
    found = evaluate_selection([write(tmp_path / "a.h5", records)])
    assert found["events"]["dirt"] == 1
    assert found["dirt_rejection"]["value"] == 0.0
    assert found["efficiency"]["nue"]["value"] is None


# What is no file of cosmic-tagging predictions


def refused(path, message, evaluate=evaluate_cosmic_tagging):
    with pytest.raises(InvalidArgument, match=message):
        evaluate([path])


def test_a_file_without_predictions_is_refused(tmp_path):
    record = event(1)
    header = replace(header_of(record.products), schemes={})
    header = replace(header, roles={k: v for k, v in header.roles.items() if k != "prediction"})
    path = write(tmp_path / "a.h5", [record], header)
    for evaluate in (evaluate_cosmic_tagging, evaluate_selection):
        refused(path, r"a\.h5 has no predictions: run `argoscope predict`", evaluate)


def test_a_file_without_truth_is_refused_by_the_metrics_alone(tmp_path):
    records = selection_sample()
    without = [Record(r.id, {n: p for n, p in r.products.items() if n != TRUTH}) for r in records]
    path = write(tmp_path / "a.h5", without)
    refused(path, r"a\.h5 has no true origin .* `argoscope select cosmic-tagging` works without truth")
    assert evaluate_selection([path])["efficiency"]["nue"]["value"] == 1.0


def test_a_file_without_the_table_of_the_neutrino_is_refused_by_the_selection_alone(tmp_path):
    without = [Record(r.id, {n: p for n, p in r.products.items() if n != NEUTRINO}) for r in toys()]
    path = write(tmp_path / "a.h5", without)
    refused(path, r"a\.h5 has no table of the neutrino", evaluate_selection)
    assert evaluate_cosmic_tagging([path])["events"][0]["interaction"] == "other"


@pytest.mark.parametrize("name", [CHARGE, TRUTH, SAID])
def test_a_missing_plane_is_named(tmp_path, name):
    record = toys()[0]
    path = write(tmp_path / "a.h5", [Record(record.id, {**record.products, name: record[name][:2]})])
    wanted = r"planes \[0, 1\] in .*: cosmic tagging is defined on 3" if name == CHARGE else (
        rf"{name} has the planes \[0, 1\] and the charge \[0, 1, 2\]"
    )  # fmt: skip
    refused(path, wanted)


def test_a_plane_twice_is_refused(tmp_path):
    record = toys()[0]
    twice = (*record[CHARGE][:2], record[CHARGE][1])
    path = write(tmp_path / "a.h5", [Record(record.id, {**record.products, CHARGE: twice})])
    refused(path, r"has plane 1 twice")


@pytest.mark.parametrize("name", [TRUTH, SAID])
def test_labels_of_another_scheme_are_refused(tmp_path, name):
    record = toys()[0]
    header = header_of(record.products)
    path = write(tmp_path / "a.h5", [record], replace(header, schemes={**header.schemes, name: FIVE_CLASS}))
    refused(path, rf"\({name}\) are in the scheme 'five-class', and 'cosmic' .* is measured here")


def test_labels_that_mean_nothing_are_refused(tmp_path):
    record = with_prediction(event(1), lambda _charge, truth, _rng: np.full(len(truth), 3))
    refused(write(tmp_path / "a.h5", [record]), r"label 3.0 .* means nothing in the scheme 'cosmic'")


def test_predictions_of_an_image_of_another_size_are_refused(tmp_path):
    record, other = toys()[0], with_prediction(event(1, shape=(24, 18)), truth_itself)
    path = write(tmp_path / "a.h5", [Record(record.id, {**record.products, SAID: other[SAID]})])
    refused(path, r"plane 0 of .* is an image of \(24, 18\) pixels and its charge of \(24, 16\)")


def test_an_odd_image_says_how_to_mend_it(tmp_path):
    path = write(tmp_path / "a.h5", toys(shape=(23, 16)))
    refused(path, r"must divide the sides of the \(23, 16\) image; crop it to \(24, 16\)")


def test_files_of_other_planes_are_not_averaged(tmp_path):
    a = write(tmp_path / "a.h5", toys())
    b = write(tmp_path / "b.h5", toys(planes=(3, 4, 5)))
    with pytest.raises(
        InvalidArgument, match=r"b\.h5, event 0 has the planes \[3, 4, 5\] .* evaluate them apart"
    ):
        evaluate_cosmic_tagging([a, b])


def test_nothing_cannot_be_evaluated():
    for evaluate in (evaluate_cosmic_tagging, evaluate_selection):
        with pytest.raises(InvalidArgument, match="hold no event"):
            evaluate([])


# The real file


@pytest.mark.real
def test_the_real_events(real_data, tmp_path):
    """Baseline and truth of the SBND sample, against numbers that a dense script of its own gave."""
    path = predicted_file(tmp_path / "a.h5", real_data / SBND, truth_itself)
    found = evaluate_cosmic_tagging([path])
    assert values(found["paper"]) == dict.fromkeys(METRICS, 1.0)
    base = values(found["baseline_all_cosmic"])
    assert base["non_background_accuracy"] == pytest.approx(0.7839, abs=1e-4)
    assert base["iou_cosmic"] == pytest.approx(0.7383, abs=1e-4)
    assert base["iou_neutrino"] == 0
    assert [row["interaction"] for row in found["events"]] == ["numu", "nue", "nue"]
    assert found["without_charge"] == 0
    selected = evaluate_selection([path])
    assert selected["efficiency"]["nue"]["value"] == selected["efficiency"]["numu"]["value"] == 1.0


@pytest.mark.real
def test_real_labels_without_charge_are_not_lost(real_data, tmp_path):
    """With the charge cut at 10 as some networks have it, labels below it stay and count as missed."""
    whole = predicted_file(tmp_path / "whole.h5", real_data / SBND, truth_itself)
    with Larcv3File(whole) as file:
        header, records = file.header, [file.record(index) for index in range(len(file))]
    lost = 0
    cut = []
    for record in records:
        charge, said = [], []
        for deposit, true in zip(record[CHARGE], record[TRUTH], strict=True):
            kept = deposit.values >= 10
            lost += int(((true.values > 0) & ~kept).sum())
            charge.append(Voxels(deposit.grid, deposit.ids[kept], deposit.values[kept]))
            said.append(Voxels(deposit.grid, deposit.ids[kept], true.values[kept]))
        cut.append(Record(record.id, {**record.products, CHARGE: tuple(charge), SAID: tuple(said)}))
    found = evaluate_cosmic_tagging([write(tmp_path / "cut.h5", cut, header)])
    assert found["without_charge"] == found["unseen"] == lost > 1000
    labelled = sum(int((true.values > 0).sum()) for record in records for true in record[TRUTH])
    accuracy = found["full_resolution"]["non_background_accuracy"]["value"]
    assert accuracy == pytest.approx(1 - lost / labelled, abs=0.01)
    assert accuracy < 1
