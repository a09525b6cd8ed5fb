"""The layer of what predicted interactions are called, and the colours of a part of an event."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from tests import instance_files

from argoscope.display.calls import read_calls
from argoscope.display.layers import telling_layers
from argoscope.display.render import render_file
from argoscope.display.scene import scene_of
from argoscope.drawn import drawn_event
from argoscope.events import ANCESTOR
from argoscope.events.transforms import crop
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_events, write_records
from argoscope.inference.instance_products import INSTANCES, SCORES


def last_two(truth):
    """The neutrino is not found; what is found has the numbers of the truth."""
    return truth.take(np.arange(len(truth)) > 0)


def test_a_pixel_is_called_as_the_instance_that_owns_it(tmp_path: Path) -> None:
    """Lines of 30, 20 and 40 pixels: a neutrino, which is not found, and two cosmic rays, one called a neutrino."""
    record = instance_files.with_prediction(
        instance_files.event(0), lambda truth: renamed(last_two(truth), (ANCESTOR.index("neutrino"), 1))
    )
    path = instance_files.write(tmp_path / "a.h5", [record])
    with Larcv3File(path) as file:
        event = file.event(0)
        (column,) = read_calls(file, 0, event)
    names = [ANCESTOR.classes[value] if value >= 0 else "-" for value in column.values]
    assert names == ["-"] * 30 + ["neutrino"] * 20 + ["cosmic"] * 40


def renamed(found, classes):
    return replace(found, classes=np.array(classes, dtype=np.int32))


def test_an_instance_is_known_by_its_number_not_by_its_place(tmp_path: Path) -> None:
    """The last line is number 0, the first number 2: a neutrino, which stands first."""

    def numbered(truth):
        clusters = replace(truth.clusters, numbers=np.array([2, 1, 0]))
        return replace(truth, clusters=clusters)

    record = instance_files.with_prediction(instance_files.event(0), numbered)
    path = instance_files.write(tmp_path / "a.h5", [record])
    with Larcv3File(path) as file:
        (column,) = read_calls(file, 0, file.event(0))
    assert [ANCESTOR.classes[value] for value in column.values] == ["neutrino"] * 30 + ["cosmic"] * 60


def test_a_picture_of_predicted_interactions_shows_what_they_are_called(tmp_path: Path) -> None:
    record = instance_files.with_prediction(instance_files.event(0))
    path = instance_files.write(tmp_path / "a.h5", [record])
    found = render_file(str(path), 0, str(tmp_path / "a.png"))
    assert found["layers"] == ["ancestor", "predicted_ancestor", "called"]
    counts = found["classes"][0]["called"]
    assert (counts["neutrino"], counts["cosmic"]) == (30, 60)
    with Larcv3File(path) as file:
        event = file.event(0)
        layer = scene_of(event, beside={"called": read_calls(file, 0, event)}).layer("called")
    assert [entry.name for entry in layer.legend] == ["cosmic", "neutrino"]


def test_without_classes_there_is_no_such_layer(tmp_path: Path) -> None:
    record = instance_files.with_prediction(instance_files.event(0))
    bare = replace(record, products={name: p for name, p in record.products.items() if name != SCORES})
    header = instance_files.header()
    roles = {**header.roles, "predicted_interaction": INSTANCES}
    write_records(tmp_path / "a.h5", [bare], replace(header, roles=roles))
    with Larcv3File(tmp_path / "a.h5") as file:
        event = file.event(0)
        assert read_calls(file, 0, event) == ()
        assert telling_layers(event, 3) == ["charge", "ancestor", "predicted_ancestor"]
    write_events(tmp_path / "drawn.h5", [drawn_event(0)])
    with Larcv3File(tmp_path / "drawn.h5") as file:
        assert read_calls(file, 0, file.event(0)) == ()


def test_a_part_of_an_event_has_its_colours_and_says_that_it_is_one() -> None:
    """By themselves the particles of a corner have other ranks, and so other colours."""
    event = drawn_event(0)
    image = event.images[2]
    last = image.take(image.labels["instance"].values == image.labels["instance"].values.max())
    corner = replace(event, images=(crop(image, tuple(last.coordinates.min(axis=0)), (300, 300)),))
    whole, alone = scene_of(event), scene_of(corner)
    part = scene_of(corner, whole=event)
    colours = {entry.value: entry.colour for entry in whole.layer("instance").entries}
    assert all(entry.colour == colours[entry.value] for entry in part.layer("instance").entries)
    assert any(entry.colour != colours[entry.value] for entry in alone.layer("instance").entries)
    assert (whole.shows, part.shows) == ("the event", "the part shown")
