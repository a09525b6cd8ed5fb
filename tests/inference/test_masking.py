"""A network on pieces of an event."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from argoscope.cli.main import main
from argoscope.display.masking_figures import draw_masks, save_masking_figure
from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument
from argoscope.figures import bare_figure
from argoscope.files.larcv3_write import write_events
from argoscope.inference.masking import masking_study
from argoscope.inference.segmentation import segment
from argoscope.models.weights import load_model


@pytest.fixture
def particle():
    """A particle with many pixels in the plane that the small model reads first."""
    owner = drawn_event(0).image(2).label("instance")
    numbers, counts = np.unique(owner.values[owner.labelled], return_counts=True)
    return int(numbers[counts.argmax()])


def test_scores_are_those_of_the_pixels_left_alone(make_model, events_file, particle):
    model = make_model()
    found = masking_study(str(events_file), model=str(model), particle=particle, lengths=(5,))
    assert [mask["name"] for mask in found["masks"]] == ["all", "begin 5", "middle 5", "end 5"]
    assert [(mask["part"], mask["length"]) for mask in found["masks"][:2]] == [("all", None), ("begin", 5)]
    assert (found["plane"], found["masks"][1]["pixels"], found["too_long"]) == (2, 5, [])
    event = drawn_event(0)
    rows = np.flatnonzero(event.image(2).label("instance").values == particle)
    images = tuple(i.take(rows) if i.grid.projection == 2 else i.take(np.zeros(0, int)) for i in event.images)
    alone = segment(load_model(model), type(event)(event.id, images, charge_unit=event.charge_unit))
    (scores,) = [one.scores for image, one in zip(images, alone, strict=True) if image.grid.projection == 2]
    seen = scores.sum(axis=1) > 0
    assert found["masks"][0]["track"] == pytest.approx(scores[seen][:, :2].sum(axis=1).mean(), rel=1e-5)
    assert found["masks"][0]["track"] + found["masks"][0]["shower"] == pytest.approx(1)
    assert sum(found["masks"][0]["histogram"]) == seen.sum()


def test_the_command(make_model, events_file, particle, tmp_path, capfd):
    picture = tmp_path / "masks.png"
    arguments = [
        "masking",
        str(events_file),
        "--model",
        str(make_model()),
        "--particle",
        str(particle),
        "--length",
        "5",
    ]
    assert main([*arguments, "-o", str(picture), "--json"]) == 0
    assert len(json.loads(capfd.readouterr().out)["masks"]) == 4
    assert picture.exists()
    assert picture.with_suffix(".json").exists()
    assert main(arguments) == 0
    assert "middle 5" in capfd.readouterr().out
    assert main([*arguments, "--event", "9"]) == 2
    assert "event (=9) must be a place in" in (said := capfd.readouterr().err)
    assert "which has 3 events, counted from 0" in said
    assert main([*arguments[:-1], "100000"]) == 0
    assert "too few pixels for pieces of 100000; --length takes shorter ones" in capfd.readouterr().err


def test_the_picture_has_a_row_for_each_part_and_every_pixel_once(
    make_model, events_file, particle, tmp_path
):
    study = masking_study(str(events_file), model=str(make_model()), particle=particle, lengths=(5, 10**6))
    assert study["too_long"] == [10**6]
    figure = bare_figure(4, 20)
    draw_masks(figure, study)
    panels = [axes for axes in figure.axes if axes.get_title()]
    assert [axes.get_title() for axes in panels] == [
        f"{mask['name']} ({mask['pixels']} px)" for mask in study["masks"]
    ]
    assert {(axes.get_xlabel(), axes.get_ylabel()) for axes in panels} == {("wire", "tick")}
    every = len(study["masks"][0]["coordinates"])
    assert {sum(len(drawn.get_offsets()) for drawn in axes.collections) for axes in panels} == {every}
    unseen = {"coordinates": [], "shower_scores": [], "charge": [], "histogram": [0] * 10}
    study["masks"] = [{**mask, **unseen} for mask in study["masks"]]
    save_masking_figure(study, tmp_path / "unseen.png")
    assert (tmp_path / "unseen.png").exists()


def test_a_plane_that_is_not_read_is_named_with_those_that_are(make_model, events_file, particle):
    with pytest.raises(
        InvalidArgument, match=r"plane \(=1\) must be one of \[2, 0\], those of .*drawn.h5 that small reads"
    ):
        masking_study(str(events_file), model=str(make_model()), particle=particle, plane=1)


def test_a_file_without_truth_is_refused_with_the_remedy(make_model, tmp_path):
    event = drawn_event(0)
    bare = replace(event, images=tuple(replace(image, labels={}) for image in event.images))
    write_events(tmp_path / "data.h5", [bare])
    with pytest.raises(
        InvalidArgument, match=r"data.h5, event 0 has no true semantic and instance labels, .*simulate"
    ):
        masking_study(str(tmp_path / "data.h5"), model=str(make_model()))
