"""Numbers as the demo shows them: beside the papers' own, without an interval where few events have a class."""

from __future__ import annotations

import numpy as np
import pytest
from tests import instance_files

from argoscope.analyses import cosmic_tagging, five_class, track_shower
from argoscope.analyses.cosmic_counts import EventCounts, count_plane
from argoscope.analyses.interactions import Interaction
from argoscope.events import COSMIC, FIVE_CLASS, TRACK_SHOWER, Grid, Image, LabelColumn
from argoscope.inference.evaluate_instances import evaluate_instances
from argoscope.tour.measures import TASKS


def labelled(grid, truth, scheme, kind):
    coordinates = grid.coordinates(np.arange(len(truth)))
    image = Image.from_points(grid, coordinates, np.full(len(truth), 20.0))
    return image.with_labels(**{kind: LabelColumn(np.array(truth), scheme)})


def five_class_answer(events, *, volume):
    """Of `events` events; the first alone has a Michel electron, wrongly called shower."""
    tally = five_class.Tally()
    for number in range(events):
        grids = [Grid((9, 9, 9))] if volume else [Grid((9, 9), projection=plane) for plane in range(3)]
        truth = [0, 1, 1, 2, 4 if number == 0 else 2]
        images = [labelled(grid, truth, FIVE_CLASS, "semantic") for grid in grids]
        tally.add_event(images, [np.array([0, 1, 2, 2, 2])] * len(images))
    planes = {
        str(plane): five_class.rates(np.stack(found), pooled=True).to_json(FIVE_CLASS.classes)
        for plane, found in tally.by_plane.items()
    }
    headline = "per_event" if volume else "pooled"
    return {**five_class.report(tally), "planes": planes, "headline": headline, "truth": "relabelled"}


def test_volumes_stand_beside_paper_4():
    answer = five_class_answer(6, volume=True)
    headline, *classes = TASKS["five-class"].headlines(answer)
    assert headline.ours[0] == answer["per_event"]["accuracy"]["value"]
    assert headline.theirs == 0.996
    assert [(one.measure, one.ours[0], one.theirs) for one in classes] == [
        ("HIP accuracy", 1.0, 0.981), ("MIP accuracy", 0.5, 0.994), ("shower accuracy", 1.0, 0.992)
    ]  # fmt: skip
    (table,) = TASKS["five-class"].tables("net", answer, "")
    rows = {row[0]: row for row in table.rows}
    assert rows["MIP"][1:3] == ((0.5, 0.5, 0.5), (1.0, 1.0, 1.0))
    assert rows["MIP"][-1] == 0.994
    assert rows["Michel"][1] == (0.0, None, None)
    assert rows["Michel"][3] == 1


def test_planes_stand_beside_paper_3():
    answer = five_class_answer(6, volume=False)
    headline, *classes = TASKS["five-class"].headlines(answer)
    assert headline.ours[0] == answer["planes"]["2"]["accuracy"]["value"]
    assert headline.theirs == 0.96
    assert [(one.ours[0], one.theirs) for one in classes] == [(1.0, None), (0.5, None), (1.0, None)]
    assert classes[1].said() == "MIP accuracy 0.500 [0.500, 0.500]"
    five, two = TASKS["five-class"].tables("net", answer, "")
    assert five.columns[1:4] == ("plane U", "plane V", "plane Y")
    assert {row[0]: row[-2:] for row in two.rows} == {"track": (0.990, 0.992), "shower": (0.994, 0.996)}


@pytest.mark.parametrize(("events", "tables"), [(1, 2), (12, 2), (13, 1)])
def test_tagging_stands_beside_calling_everything_cosmic_and_few_events_are_listed(events, tables):
    image = labelled(Grid((10, 10)), [0, 1, 1, 2, 2], COSMIC, "origin")
    said = image.with_labels(
        origin=image.labels["origin"], prediction=LabelColumn(np.array([0, 1, 1, 2, 1]), COSMIC)
    )
    where = {"file": "a.h5", "entry": 3, "run": 1, "subrun": 0, "event": 0}
    counts = [EventCounts(where, Interaction("nue"), (count_plane(said),) * 3)] * events
    answer = cosmic_tagging.report(counts)
    headlines = TASKS["cosmic-tagging"].headlines(answer)
    assert [headline.theirs for headline in headlines] == [0.956, 0.914, 0.698]
    assert headlines[2].baseline[0] == 0.0
    assert "without a network 0.000" in headlines[2].said()
    found = TASKS["cosmic-tagging"].tables("net", answer, "note")
    assert len(found) == tables
    assert found[0].rows[1][2][0] == answer["baseline_all_cosmic"]["iou_cosmic"]["value"]
    if tables == 2:
        assert found[1].rows[0][0] == "3: nu_e CC"


def test_tracks_and_showers_stand_beside_paper_2():
    """Two tracks and two showers, one shower pixel of which is called track."""
    image = labelled(Grid((10, 10)), [2, 2, 1, 1], TRACK_SHOWER, "semantic")
    tally = track_shower.Tally()
    tally.add(image, np.array([2, 2, 1, 2]), weights=np.ones(4))
    answer = track_shower.report(tally)
    headlines = TASKS["track-shower"].headlines(answer)
    assert [(one.ours[0], one.theirs) for one in headlines] == [(0.25, 0.019), (0.5, 0.041), (0.0, 0.026)]
    (table,) = TASKS["track-shower"].tables("net", answer, "note")
    assert [row[-1] for row in table.rows] == [0.019, 0.046, 0.041, 0.026]
    assert [row[1][0] for row in table.rows] == [0.25, 0.25, 0.5, 0.0]


def only_the_neutrino(truth):
    return truth.take(np.arange(len(truth)) == 0)


def test_instances_stand_beside_paper_1_and_dbscan(tmp_path):
    """Two of three interactions are missed; DBSCAN joins all three, the largest of which has 40 of 90 pixels."""
    record = instance_files.with_prediction(instance_files.event(0), only_the_neutrino)
    answer = evaluate_instances([instance_files.write(tmp_path / "said.h5", [record])])
    headlines = TASKS["instances"].headlines(answer)
    assert [one.theirs for one in headlines] == [0.86, 0.85, 0.827]
    assert [one.ours[0] for one in headlines] == pytest.approx([1 / 3, 1.0, 1 / 3])
    assert [one.baseline[0] for one in headlines] == pytest.approx([1.0, 40 / 90, 1.0])
    every, classes = TASKS["instances"].tables("net", answer, "note")
    rows = {row[0]: row[1:] for row in every.rows}
    assert rows["panoptic quality"][0][0] == pytest.approx(0.5)
    assert rows["panoptic quality"][-1] is None
    assert {row[0]: (row[1][0], row[2][0]) for row in classes.rows} == {
        "cosmic": (0.0, None),
        "neutrino": (1.0, 1.0),
    }
    assert {row[0]: row[-2:] for row in classes.rows} == {
        "cosmic": (0.861, 0.847),
        "neutrino": (0.768, 0.649),
    }
