"""What is drawn: names, axes, layers, legends, counts."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.display.axes import axes_of
from argoscope.display.palette import GREY
from argoscope.display.scene import scene_of
from argoscope.errors import InvalidArgument
from argoscope.events import COSMIC, FIVE_CLASS, IDENTIFIER, Event, EventId, Grid, Image, LabelColumn


def test_the_collection_plane_is_named_only_where_it_is_the_last_of_three(planes: Event) -> None:
    assert [p.name for p in scene_of(planes).panels] == ["plane 0", "plane 1", "plane 2 (collection)"]
    alone = Event(EventId(), planes.images[2:])
    assert [p.name for p in scene_of(alone).panels] == ["plane 2"]


def test_titles_say_file_number_and_detector(planes: Event) -> None:
    scene = scene_of(planes, source="a.h5", number=4)
    assert scene.title == "a.h5, event 4"
    assert scene.subtitle == "run 1 subrun 2 event 7  ·  toy  ·  50 charged pixels"
    assert scene_of(Event(EventId(3, -1, 1), planes.images)).subtitle.startswith("run 3 event 1  ·")
    assert scene_of(Event(EventId(), planes.images)).subtitle.startswith("no run number in the file")


def test_axes_follow_the_grid() -> None:
    wire, time = axes_of(Grid((3456, 1008), size=(3456.0, 6048.0), origin=(0.0, 2400.0), unit="wire-time"))
    assert (wire.label, time.label) == ("wire number", "drift time [tick]")
    assert (time.low, time.high, time.value(1)) == (2400.0, 8448.0, 2406.0)
    assert axes_of(Grid((2, 2, 2), size=(6.0, 6.0, 6.0), unit="cm"))[0].value(0) == 1.5


def test_layers_come_in_the_order_asked_for(planes: Event) -> None:
    assert [layer.key for layer in scene_of(planes).layers] == ["charge", "origin", "instance"]
    assert [layer.key for layer in scene_of(planes, layers=["origin", "charge"]).layers] == [
        "origin",
        "charge",
    ]


def test_an_unknown_layer_is_refused_with_the_nearest(planes: Event) -> None:
    with pytest.raises(InvalidArgument, match=r"no layer 'orgin'\. Did you mean 'origin'\?"):
        scene_of(planes, layers=["orgin"])
    with pytest.raises(InvalidArgument, match="no layer 'semantic'"):
        scene_of(planes, layers=["semantic"])


@pytest.mark.parametrize("layers", [[], ["charge", "charge"]])
def test_layers_are_named_once_and_at_least_one(planes: Event, layers: list[str]) -> None:
    with pytest.raises(InvalidArgument, match="at least one layer, each once"):
        scene_of(planes, layers=layers)


def test_a_legend_counts_every_pixel_once(planes: Event) -> None:
    scene = scene_of(planes)
    for key in ("origin", "instance"):
        entries = scene.layer(key).entries
        assert sum(entry.pixels for entry in entries) == 50
        values = np.concatenate([panel.labels[key] for panel in scene.panels])
        for entry in entries:
            assert entry.pixels == (values == entry.value).sum()


def test_particles_are_ranked_by_charge_over_all_planes() -> None:
    def image(projection: int, charge: list[float]) -> Image:
        made = Image.from_points(
            Grid((4, 4), projection=projection), np.array([[0, 0], [1, 1], [2, 2]]), np.array(charge)
        )
        return made.with_labels(instance=LabelColumn(np.array([8, 3, -1]), IDENTIFIER))

    scene = scene_of(Event(EventId(), (image(0, [5.0, 1.0, 99.0]), image(1, [5.0, 20.0, 99.0]))))
    entries = scene.layer("instance").entries
    assert [(e.value, e.name, e.background) for e in entries] == [
        (3, "particle 3", False), (8, "particle 8", False), (-1, "no particle", True),
    ]  # fmt: skip
    assert entries[2].colour == GREY


def test_unlabelled_pixels_have_a_line_of_their_own_where_there_are_any() -> None:
    image = Image.from_points(Grid((4, 4)), np.array([[0, 0], [1, 1]]), np.ones(2))
    image = image.with_labels(semantic=LabelColumn(np.array([4, 5]), FIVE_CLASS))
    entries = scene_of(Event(EventId(), (image,))).layer("semantic").entries
    assert [(e.name, e.pixels) for e in entries[-2:]] == [("Michel", 1), ("unlabelled", 1)]


def test_a_plane_without_a_label_that_others_have_is_unlabelled_there() -> None:
    image = Image.from_points(Grid((4, 4)), np.array([[0, 0]]), np.ones(1))
    labelled = image.with_labels(origin=LabelColumn(np.array([2]), COSMIC))
    scene = scene_of(Event(EventId(), (labelled, image)))
    assert scene.panels[1].labels["origin"].tolist() == [COSMIC.unlabelled]
    assert sum(e.pixels for e in scene.layer("origin").entries) == 2


def test_an_empty_event_is_a_scene() -> None:
    empty = Image.from_points(Grid((4, 4)), np.empty((0, 2), np.int32), np.empty(0))
    empty = empty.with_labels(instance=LabelColumn(np.empty(0, np.int32), IDENTIFIER))
    scene = scene_of(Event(EventId(), (empty,)))
    assert scene.subtitle.endswith("no charge")
    assert scene.layer("instance").entries == ()


def test_a_volume_has_three_axes_with_units(volume: Event) -> None:
    scene = scene_of(volume)
    assert scene.dimensions == 3
    assert [axis.label for axis in scene.panels[0].axes] == ["x, drift [cm]", "y, up [cm]", "z, beam [cm]"]
