"""Paper 2's errors of files are those of their events, pixel by pixel."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from argoscope.cli.main import main
from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument
from argoscope.events import ANCESTOR, TRACK_SHOWER, Voxels
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_events, write_records
from argoscope.inference.evaluate_track_shower import evaluate_track_shower
from argoscope.inference.finish import finish_model
from argoscope.inference.predict import predict_file
from argoscope.inference.segmentation import segment
from argoscope.models.builders import resolved
from argoscope.models.preparation import Preparation
from argoscope.models.weights import load_model
from argoscope.simulation.chain import simulation_named
from argoscope.training.tasks import as_track_shower

NUMBERS = ("icpf_mean", "icpf_90", "shower_error", "track_error")
NETWORK = {"kind": "uresnet", "dimensions": 2, "classes": 3, "filters": 4, "depth": 2, "blocks": 1}
CARD = {
    "task": "track-shower",
    "network": resolved(NETWORK),
    "scheme": "track-shower",
    "preparation": Preparation(planes=(2,), least=10.0, most=100.0, above="clip"),
}


@pytest.fixture
def predicted(make_model, events_file, tmp_path):
    target = tmp_path / "predicted.h5"
    predict_file(events_file, target, model=str(make_model(**CARD)))
    return target


def test_errors_of_a_file_are_counted_pixel_by_pixel(predicted, make_model):
    """Of the one plane that the network reads; truth of five classes is mapped."""
    found = evaluate_track_shower([predicted])
    model, icpf = load_model(make_model("again", **CARD)), []
    for seed in range(3):
        event = as_track_shower(drawn_event(seed))
        answers = dict(zip([i.grid.projection for i in event.images], segment(model, event), strict=True))
        said, truth = answers[2].labels, event.image(2).labels["semantic"].values
        counted = said != TRACK_SHOWER.unlabelled
        icpf.append(np.mean(said[counted] != truth[counted]))
    assert found["icpf_mean"]["value"] == pytest.approx(np.mean(icpf))
    assert (found["events"], found["images"], found["models"]) == (3, 3, ["small"])
    assert found["scheme"] == "track-shower"
    assert [row["icpf"] for row in found["worst"]] == pytest.approx(sorted(icpf, reverse=True))
    assert {row["plane"] for row in found["worst"]} == {2}
    counts = np.sum([found["scores"][name] for name in ("shower", "track")])
    assert counts == np.sum(found["confusion"]["pixels"])


def test_every_particle_counts_the_same_in_the_weighted_numbers(make_model, tmp_path):
    """Of a simulated electron and proton: the mean over vertex, electron and proton of their wrong shares."""
    source, target = tmp_path / "events.h5", tmp_path / "predicted.h5"
    event = simulation_named("paper2-1e1p", seed=990_004).event(1).event
    write_events(source, [event])
    predict_file(source, target, model=str(make_model(**{**CARD, "preparation": Preparation()})))
    found = evaluate_track_shower([target])
    with Larcv3File(target) as file:
        said = file.record(0)["sparse2d_argoscope_label"][0]
        image = as_track_shower(file.event(0)).images[0]
    wrong = said.values != image.labels["semantic"].values
    labelled = image.labels["semantic"].labelled
    owners = image.labels["instance"].values.copy()
    # The vertex lies in a crop of 512 where the generated particles start: at the pixel nearest to both.
    spread = [np.abs(image.coordinates - point).max(axis=1) <= 4 for point in _vertex(event)]
    owners[spread[0]] = -7
    shares = [wrong[labelled & (owners == one)].mean() for one in np.unique(owners[labelled])]
    assert len(shares) >= 3
    assert found["weighted"]["icpf_mean"]["value"] == pytest.approx(np.mean(shares))
    assert (
        len(found["by_opening_angle_deg"]) == len(found["by_lepton_mev"]) == len(found["by_proton_mev"]) == 1
    )


def _vertex(event):
    """Wire and time of the vertex by the numbers of the detector: 0.3 cm a wire, 3 us a row."""
    grid, first = event.images[0].grid, event.particles[0]["vtx"]
    tick = 3200 + first["x"] / 0.1098 / 0.5  # trigger tick; cm per us; us per tick
    wire = np.floor(first["z"] / 0.3)
    return [np.array([wire - grid.origin[0], np.floor((tick - grid.origin[1]) / 6)])]


def test_predictions_of_five_classes_are_mapped(make_model, events_file, tmp_path):
    target = tmp_path / "five.h5"
    predict_file(events_file, target, model=str(make_model("five")))
    found = evaluate_track_shower([target])
    assert found["images"] == 6
    assert found["called_background"] == 0
    assert np.sum(found["scores"]["track"]) == 0  # the scores are of other classes


def test_scores_of_pixels_without_charge_are_left_out(predicted, tmp_path):
    """Before the first pixel with charge, beside each and at the end of the plane; and a pixel without a score has 0."""
    with Larcv3File(predicted) as file:
        header, records = file.header, [file.record(index) for index in range(3)]
    write_records(tmp_path / "more.h5", [_scored(record, _and_around) for record in records], header)
    write_records(tmp_path / "fewer.h5", [_scored(record, _every_other) for record in records], header)
    scores, more, fewer = (
        evaluate_track_shower([path])["scores"]
        for path in (predicted, tmp_path / "more.h5", tmp_path / "fewer.h5")
    )
    assert more == scores
    for name in ("shower", "track"):
        assert set(np.flatnonzero(fewer[name])) == {0, 10}  # scores of 0 and 0.5 in bins of 0.05
        assert sum(fewer[name]) == sum(scores[name])


def _scored(record, change):
    """The record with other scores on its planes."""
    products = {
        name: tuple(map(change, planes)) if name.startswith("sparse2d_argoscope_score_") else planes
        for name, planes in record.products.items()
    }
    return replace(record, products=products)


def _and_around(voxels):
    last = voxels.grid.pixels - 1
    added = np.setdiff1d(
        np.concatenate([[0, last], voxels.ids - 1, voxels.ids + 1]).clip(0, last), voxels.ids
    )
    values = np.concatenate([voxels.values, np.full(len(added), 0.99, np.float32)])
    ids = np.concatenate([voxels.ids, added])
    order = np.argsort(ids)
    return Voxels(voxels.grid, ids[order], values[order])


def _every_other(voxels):
    ids = voxels.ids[::2]
    return Voxels(voxels.grid, ids, np.full(len(ids), 0.5, np.float32))


def test_a_finished_model_says_what_is_printed(make_model, events_file, tmp_path, capfd):
    answer = finish_model(str(make_model("done", **CARD)), tmp_path / "finished", held_out=[events_file])
    predict_file(events_file, tmp_path / "again.h5", model=answer["model"])
    printed = evaluate_track_shower([tmp_path / "again.h5"])
    [measured] = load_model(answer["model"]).card.metrics["held_out"]
    assert {name: measured[name] for name in NUMBERS} == {name: printed[name] for name in NUMBERS}
    assert main(["models", str(tmp_path / "finished")]) == 0
    assert f"3 events of drawn.h5: ICPF {printed['icpf_mean']['value']:.4f} [" in capfd.readouterr().out


def test_intervals_are_over_events(make_model, events_file, tmp_path):
    """Two planes an event: the same planes as two files of events give narrower intervals."""
    target = tmp_path / "both.h5"
    predict_file(events_file, target, model=str(make_model("both", **{**CARD, "preparation": Preparation()})))
    again = shutil.copy(target, tmp_path / "again.h5")
    found = evaluate_track_shower([target, again])
    assert (found["events"], found["images"]) == (6, 18)


def test_what_cannot_be_measured_is_refused(predicted, events_file, tmp_path):
    with pytest.raises(InvalidArgument, match=r"has no predictions .* run `argoscope predict` on it first"):
        evaluate_track_shower([events_file])
    for role, what in (("prediction", "predictions"), ("semantic", "true classes")):
        other = tmp_path / f"{role}.h5"
        with Larcv3File(predicted) as file:
            header = replace(file.header, schemes={**file.header.schemes, file.header.roles[role]: ANCESTOR})
            records = [file.record(index) for index in range(3)]
        write_records(other, records, header)
        with pytest.raises(
            InvalidArgument, match=rf"the {what} of .* 'ancestor', and 'track-shower' \(background"
        ):
            evaluate_track_shower([other])
    without = {role: name for role, name in header.roles.items() if role != "semantic"}
    write_records(tmp_path / "data.h5", records, replace(header, roles=without))
    with pytest.raises(InvalidArgument, match=r"data\.h5 has no true classes"):
        evaluate_track_shower([tmp_path / "data.h5"])
    with pytest.raises(InvalidArgument, match="the files hold no event"):
        evaluate_track_shower([])


def test_the_command_prints_what_is_promised(predicted, tmp_path, capfd):
    call = ["evaluate", "track-shower", str(predicted)]
    assert main([*call, "--json", "--figures", str(tmp_path / "figures")]) == 0, capfd.readouterr().err
    found = json.loads(capfd.readouterr().out)
    for block in (found, found["weighted"]):
        for name in NUMBERS:
            assert set(block[name]) == {"value", "low", "high"}
            assert 0 <= block[name]["low"] <= block[name]["value"] <= block[name]["high"] <= 1
    assert found["events"] == 3
    assert "68.3%" in found["interval"]
    assert (tmp_path / "figures" / "icpf.png").stat().st_size > 1000
    assert main(call) == 0
    text = capfd.readouterr().out
    assert "ICPF, 90 % quantile" in text
    assert "every particle of an image counts the same" in text
