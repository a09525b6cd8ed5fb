"""Pictures are looked at by a program: every pixel shows, words are large enough, nothing depends on the user's settings."""

from __future__ import annotations

import io
import json
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Text
from PIL import Image as Picture

from argoscope.display.palette import rgb
from argoscope.display.scene import scene_of
from argoscope.display.static import figure_of, save_figures
from argoscope.events import COSMIC, IDENTIFIER, Event, EventId, Grid, Image, LabelColumn


def painted(figure: Figure) -> np.ndarray:
    """The dots of a picture, shape (height, width, 3), uint8."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return np.asarray(Picture.open(stream).convert("RGB"))


def patches_of(dots: np.ndarray, colour: str) -> np.ndarray:
    return (dots == np.array(rgb(colour), dtype=np.uint8)).all(axis=-1)


def test_lone_pixels_of_a_large_plane_all_show() -> None:
    """4 x 4 pixels, each alone in a region of 512 x 320: each leaves at least one dot of its colour."""
    at = np.stack(
        np.meshgrid(np.arange(4) * 512 + 77, np.arange(4) * 320 + 33, indexing="ij"), axis=-1
    ).reshape(-1, 2)
    images = []
    for projection in range(3):
        image = Image.from_points(Grid((2048, 1280), projection=projection), at, np.full(16, 50.0))
        images.append(image.with_labels(origin=LabelColumn(np.full(16, 2), COSMIC)))
    figure = figure_of(scene_of(Event(EventId(), tuple(images))))
    dots = patches_of(painted(figure), "#e8590c")
    width, height = figure.get_size_inches() * figure.dpi
    panels = [axes for axes in figure.axes if axes.get_images()][1::2]  # the second column: origin
    assert len(panels) == 3
    for axes in panels:
        box = axes.get_position()
        part = dots[
            round((1 - box.y1) * height) : round((1 - box.y0) * height),
            round(box.x0 * width) : round(box.x1 * width),
        ]
        for rows in np.array_split(part, 4, axis=0):
            for region in np.array_split(rows, 4, axis=1):
                assert region.any()


def test_time_runs_up_and_wires_to_the_right() -> None:
    image = Image.from_points(Grid((100, 100)), np.array([[10, 90]]), np.array([50.0]))
    figure = figure_of(scene_of(Event(EventId(), (image,))))
    shown = next(child for child in figure.axes[0].get_children() if isinstance(child, AxesImage))
    assert shown.origin == "lower"
    rows, columns = np.nonzero((np.asarray(shown.get_array()) != 255).any(axis=-1))
    assert columns.mean() < 20
    assert rows.mean() > 80
    assert shown.get_extent() == [0, 100, 0, 100]


def test_words_are_readable_at_1000_pixels(planes: Event, volume: Event) -> None:
    for event in (planes, volume):
        figure = figure_of(scene_of(event))
        per_point = 1000 / figure.get_size_inches()[0] / 72
        sizes = [
            text.get_fontsize() * per_point
            for text in figure.findobj(Text)
            if isinstance(text, Text) and text.get_text()
        ]
        # 9 pixels: numbers of the view in space; all else is 9.8 or more.
        assert min(sizes) > 8.5


@pytest.mark.parametrize("layers", [["charge"], None])
def test_no_words_leave_the_picture(planes: Event, volume: Event, layers: list[str] | None) -> None:
    for event in (planes, Event(planes.id, planes.images[:1]), volume):
        name = "a_rather_long_name_of_a_file_of_simulated_events_with_much_in_it_0017.h5"
        figure = figure_of(scene_of(event, source=name, layers=layers))
        figure.draw_without_rendering()
        inked = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        assert inked.x0 >= 0
        assert inked.x1 <= width
        assert inked.y0 >= 0
        assert inked.y1 <= height


def test_a_long_heading_of_a_legend_gives_way_to_the_picture() -> None:
    """Three layers, the last of which has the longest title: its heading would leave the picture."""
    image = Image.from_points(Grid((90, 90), projection=2), np.stack([np.arange(4)] * 2, 1), np.full(4, 50.0))
    labels = {kind: LabelColumn(np.arange(4), IDENTIFIER) for kind in ("ancestor", "predicted_ancestor")}
    event = Event(EventId(), (image.with_labels(**labels),))
    figure = figure_of(scene_of(event, layers=["charge", *labels]))
    figure.draw_without_rendering()
    words = [text for text in figure.findobj(Text) if "pixels" in text.get_text()]
    assert [
        text.get_text().endswith("most charge first") for text in words if "interaction" in text.get_text()
    ] == [True, False]
    assert max(text.get_window_extent().x1 for text in words) <= figure.bbox.width


def test_a_picture_says_scale_classes_counts_and_axes(planes: Event) -> None:
    words = [t.get_text() for t in figure_of(scene_of(planes)).findobj(Text) if isinstance(t, Text)]
    counts = {e.name: e.pixels for e in scene_of(planes).layer("origin").entries}
    for wanted in (
        "charge [ADC], logarithmic", "wire number", "drift tick", "plane 2 (collection)", "no charge",
        *(f"{name}  {pixels}" for name, pixels in counts.items()),
    ):  # fmt: skip
        assert any(wanted in word for word in words), wanted


def test_planes_side_by_side_share_the_drift_axis_that_only_one_has_numbers_of() -> None:
    early, late = (
        Image.from_points(
            Grid((4, 6), origin=(0.0, start), size=(4.0, 6.0)), np.array([[1, 2]]), np.array([7.0])
        )
        for start in (100.0, 103.0)
    )
    figure = figure_of(scene_of(Event(EventId(), (early, late))))
    panels = [axes for axes in figure.axes if axes.get_images()][:2]
    assert [axes.get_ylim() for axes in panels] == [(100.0, 109.0)] * 2


@pytest.mark.parametrize("layers", [["charge"], ["origin"], ["origin", "charge", "instance"]])
def test_layers_alone_and_in_any_order_are_drawn(planes: Event, volume: Event, layers: list[str]) -> None:
    for event in (planes, volume):
        assert painted(figure_of(scene_of(event, layers=layers))).min() < 200


@pytest.mark.parametrize("dimensions", [2, 3])
def test_an_empty_event_is_drawn_and_says_so(dimensions: int) -> None:
    empty = Image.from_points(Grid((4,) * dimensions), np.empty((0, dimensions), np.int32), np.empty(0))
    figure = figure_of(scene_of(Event(EventId(), (empty,))))
    words = [t.get_text() for t in figure.findobj(Text) if isinstance(t, Text)]
    assert words.count("no charge") == {2: 1, 3: 4}[dimensions]  # every panel says it
    assert painted(figure).min() < 200


def test_a_users_settings_change_nothing(planes: Event) -> None:
    before = painted(figure_of(scene_of(planes)))
    with matplotlib.rc_context({"font.size": 30, "axes.labelsize": 30, "axes.linewidth": 5}):
        after = painted(figure_of(scene_of(planes)))
    assert np.array_equal(before, after)


def test_provenance_is_inside_the_png(planes: Event, tmp_path: Path) -> None:
    facts = {"title": "a", "command": "argoscope display a.h5", "version": "argoscope 0", "file": "a_$1.h5"}
    save_figures([lambda: figure_of(scene_of(planes))], tmp_path / "a.png", ".png", facts)
    with Picture.open(tmp_path / "a.png") as picture:
        picture.load()
        assert json.loads(picture.info["Comment"]) == facts
        assert picture.info["Software"].startswith("argoscope ")


@pytest.mark.parametrize("suffix", [".pdf", ".svg"])
def test_print_formats_carry_provenance_and_do_not_change_with_time(
    suffix: str, planes: Event, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        save_figures(
            [lambda: figure_of(scene_of(planes))],
            tmp_path / name,
            suffix,
            {"title": "a", "command": "make-it"},
        )
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    if suffix == ".svg":
        assert "make-it" in (tmp_path / "one").read_text()
