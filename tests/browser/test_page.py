"""The page in a real browser: it loads without errors, and shows what the file holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from argoscope.display.columns import rounded
from argoscope.display.page import DARK_GREY, write_page
from argoscope.display.palette import GREY, rgb
from argoscope.display.render import render_events
from argoscope.display.scene import scene_of
from argoscope.events import COSMIC, IDENTIFIER, Event, EventId, Grid, Image, LabelColumn
from argoscope.files.larcv3 import Larcv3File

WINDOW = slice(60, 820)  # rows of the screenshot that are panels
DOTS_OF = """
  const dotsOf = async (colour, foot) => {
    const picture = new Image();
    picture.src = page.picture(); await picture.decode();
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: picture.width, height: picture.height });
    const pen = canvas.getContext("2d");
    pen.drawImage(picture, 0, 0);
    const all = new Uint32Array(pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    const wanted = parseInt("ff" + colour.slice(5) + colour.slice(3, 5) + colour.slice(1, 3), 16);
    const edge = canvas.width * (canvas.height - 60);
    return (foot ? all.subarray(edge) : all.subarray(0, edge)).filter((dot) => dot === wanted).length;
  };"""
"""How many dots of the saved picture have a colour, in its legend at the foot or above it."""


def plane(grid: Grid, pixels: int, rng: np.random.Generator) -> Image:
    ids = np.sort(rng.choice(grid.pixels, pixels, replace=False))
    image = Image.from_points(grid, grid.coordinates(ids), rng.uniform(5, 900, pixels))
    return image.with_labels(
        origin=LabelColumn(rng.integers(0, 3, pixels), COSMIC),
        instance=LabelColumn(rng.integers(-1, 9, pixels) * 100_003, IDENTIFIER)
        if pixels
        else LabelColumn(np.empty(0, np.int32), IDENTIFIER),
    )


@pytest.fixture
def planes(rng: np.random.Generator) -> Event:
    """Three planes of 60 x 40, the last without charge."""
    images = tuple(plane(Grid((60, 40), projection=p), n, rng) for p, n in enumerate((300, 200, 0)))
    # -100003 is no label: give it back its meaning.
    fixed = []
    for image in images:
        values = image.labels["instance"].values
        column = LabelColumn(np.where(values < 0, -1, values), IDENTIFIER)
        fixed.append(image.with_labels(instance=column))
    return Event(EventId(1, 2, 7), tuple(fixed))


@pytest.fixture
def volume(rng: np.random.Generator) -> Event:
    grid = Grid((12, 20, 33), size=(24.0, 40.0, 66.0), origin=(-10.0, 0.0, 5.0), unit="cm")
    image = plane(grid, 200, rng)
    return Event(EventId(3, 0, 1), (image.with_labels(instance=image.labels["origin"]),), charge_unit="MeV")


@pytest.fixture
def page_of(tmp_path: Path) -> Callable[..., Path]:
    """Write events as a page."""

    def write(*events: Event, **options: Any) -> Path:
        scenes = (scene_of(event, source="toy.h5", number=n, **options) for n, event in enumerate(events))
        write_page(scenes, tmp_path / "page.html", {"title": "toy", "command": "a test"})
        return tmp_path / "page.html"

    return write


def share(dots: np.ndarray, colour: str) -> float:
    """Part of the panels that has a colour."""
    return float((dots[WINDOW] == np.array(rgb(colour), dtype=np.uint8)).all(axis=-1).mean())


def test_the_page_holds_what_the_event_holds(page_of, visit, planes: Event, volume: Event) -> None:
    script = """
      const out = [];
      for (let n = 0; n < page.events; n++) {
        await page.event(n);
        out.push(page.panels().map((p) => ({ c: p.coordinates.map((a) => [...a]), q: [...p.charge],
          l: Object.fromEntries(Object.entries(p.labels).map(([k, v]) => [k, [...v]])) })));
      }
      return out;"""
    seen = visit(page_of(planes, volume), script)
    for event, panels in zip((planes, volume), seen.answer, strict=True):
        for image, panel in zip(event.images, panels, strict=True):
            assert np.array_equal(
                np.array(panel["c"]).reshape(image.grid.dimensions, -1), image.coordinates.T
            )
            assert panel["q"] == rounded(image.charge).astype(float).tolist()
            assert panel["l"] == {kind: column.values.tolist() for kind, column in image.labels.items()}
    assert seen.console == []


def test_layers_switch_what_is_drawn(page_of, visit, planes: Event) -> None:
    page = page_of(planes)
    charge = visit(page)
    origin = visit(page, "page.layer('origin'); return page.state();")
    assert origin.answer["layer"] == "origin"
    for colour in ("#0072b2", "#e8590c", "#9b9b9b"):
        assert share(origin.dots, colour) > 0.01, colour
        assert share(charge.dots, colour) < 0.001, colour
    assert charge.console == origin.console == []


def test_keys_do_what_they_say(page_of, visit, planes: Event, volume: Event) -> None:
    script = """
      const press = async (key) => { window.dispatchEvent(new KeyboardEvent("keydown", { key }));
        await new Promise((r) => setTimeout(r, 400)); return page.state(); };
      const start = page.state().theme;
      const two = (await press("2")).layer;
      const closer = (await press("+")).drift;
      const all = (await press("0")).drift;
      const theme = (await press("d")).theme;
      const next = (await press("ArrowRight")).number;
      const beyond = (await press("ArrowRight")).number;
      const back = (await press("ArrowLeft")).number;
      return { start, two, closer, all, theme, next, beyond, back };"""
    answer = visit(page_of(planes, volume), script).answer
    assert answer["two"] == "origin"
    assert answer["closer"] == pytest.approx([20 - 20 / 1.5, 20 + 20 / 1.5])
    assert answer["all"] == [0, 40]
    assert {answer["start"], answer["theme"]} == {"light", "dark"}
    assert (answer["next"], answer["beyond"], answer["back"]) == (1, 1, 0)


def test_zooming_one_plane_keeps_the_drift_axis_of_all(page_of, visit, planes: Event) -> None:
    script = """
      const canvas = document.querySelectorAll("canvas.over")[1], box = canvas.getBoundingClientRect();
      canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: -800, clientX: box.left + box.width / 2,
        clientY: box.top + box.height / 4, bubbles: true, cancelable: true }));
      const state = page.state();
      return { drift: state.drift, ranges: state.ranges, sides: [box.width, box.height] };"""
    answer = visit(page_of(planes), script).answer
    assert answer["drift"][1] - answer["drift"][0] == pytest.approx(40 / np.exp(1.2))
    # What is under the mouse stays there. The frame: 14 left, 26 above, 10 right, 42 below.
    width, height = answer["sides"]
    time, wire = 40 * (1 - (height / 4 - 26) / (height - 68)), 60 * (width / 2 - 14) / (width - 24)
    assert answer["drift"][0] == pytest.approx(time * (1 - np.exp(-1.2)), abs=0.1)
    assert answer["ranges"][1][0] == pytest.approx(wire * (1 - np.exp(-1.2)), abs=0.1)
    assert answer["ranges"][0] == answer["ranges"][2] == [0, 60]
    assert answer["ranges"][1][1] - answer["ranges"][1][0] == pytest.approx(60 / np.exp(1.2))


def test_the_readout_names_the_pixel_under_the_cursor(page_of, visit) -> None:
    image = Image.from_points(
        Grid((20, 10), projection=2), np.array([[4, 7], [15, 2]]), np.array([33.5, 8.0])
    )
    image = image.with_labels(origin=LabelColumn(np.array([2, 1]), COSMIC))
    # The plane's frame, as plane.js lays it out: 62 left, 26 above, 10 right, 42 below.
    script = """
      const box = document.querySelector("canvas.over").getBoundingClientRect();
      const at = (wire, tick) => page.readout(0, box.left + 62 + (box.width - 72) * (wire + 0.5) / 20,
        box.top + 26 + (box.height - 68) * (1 - (tick + 0.5) / 10));
      return [at(4, 7), at(15, 2), at(0, 0), at(13, 6)];"""
    answer = visit(page_of(Event(EventId(), (image,))), script).answer
    dot = "   ·   "
    assert answer == [
        dot.join(["plane 2", "wire 4", "drift tick 7", "charge 33.5 ADC", "origin: neutrino"]),
        dot.join(["plane 2", "wire 15", "drift tick 2", "charge 8 ADC", "origin: cosmic"]),
        dot.join(["plane 2", "wire 0", "drift tick 0", "no charge"]),
        dot.join(["plane 2", "wire 13", "drift tick 6", "no charge"]),
    ]


def test_hiding_a_class_takes_it_from_the_picture(page_of, visit, planes: Event) -> None:
    seen = visit(page_of(planes), "page.layer('origin'); page.hide(1); return page.state().hidden;")
    assert seen.answer == [1]
    assert share(seen.dots, "#0072b2") < 0.001
    assert share(seen.dots, "#e8590c") > 0.01


def test_a_volume_turns(page_of, visit, volume: Event) -> None:
    page = page_of(volume)
    one = visit(page, "page.layer('origin'); page.turn(0.4, 0.3); return page.draw();")
    other = visit(page, "page.layer('origin'); page.turn(1.4, 0.3); return page.draw();")
    for seen in (one, other):
        assert seen.console == []
        assert share(seen.dots, "#e8590c") > 0.0005
    assert (one.dots[WINDOW] != other.dots[WINDOW]).any(axis=-1).mean() > 0.005


def test_dark_and_light_differ_and_both_show_charge(page_of, visit, planes: Event) -> None:
    page = page_of(planes)
    for theme, low, high in (("light", 200, 255), ("dark", 0, 60)):
        seen = visit(page, f"page.theme('{theme}'); return page.state().theme;")
        assert seen.answer == theme
        corner = seen.dots[-4:, -4:].mean()
        assert low <= corner <= high
        assert len(np.unique(seen.dots[WINDOW].reshape(-1, 3), axis=0)) > 60


def test_an_empty_event_says_no_charge(page_of, visit) -> None:
    empty = Image.from_points(Grid((20, 10)), np.empty((0, 2), np.int32), np.empty(0))
    seen = visit(
        page_of(Event(EventId(), (empty,))), "return document.getElementById('subtitle').textContent;"
    )
    assert "no charge" in seen.answer
    assert seen.console == []


def test_what_is_seen_can_be_taken_along(page_of, visit, planes: Event) -> None:
    script = """
      page.layer("origin");
      const cosmic = await dotsOf("#0072b2", false), neutrino = await dotsOf("#e8590c", false);
      return { cosmic, neutrino, table: page.table().trim().split("\\n") };"""
    answer = visit(page_of(planes), DOTS_OF + script).answer
    assert answer["cosmic"] > 10_000
    assert answer["neutrino"] > 10_000
    head, first = (line.split(",") for line in answer["table"][:2])
    assert head == [
        f'"{name}"' for name in (
            "panel", "wire number", "drift tick", "charge [ADC]", "origin", "origin name", "instance", "instance name",
        )
    ]  # fmt: skip
    assert len(answer["table"]) == 501
    image = planes.images[0]
    assert first[:3] == ['"plane 0"', *map(str, image.coordinates[0].tolist())]
    assert first[5] == f'"{COSMIC.classes[image.labels["origin"].values[0]]}"'


def test_a_table_has_what_is_in_view_and_not_hidden_also_behind_other_voxels(page_of, visit) -> None:
    ids = np.arange(1000)  # a full block: most of it lies behind its faces
    grid = Grid((10, 10, 10), size=(10.0, 10.0, 10.0), unit="cm")
    block = Image.from_points(grid, grid.coordinates(ids), np.ones(1000))
    flat = Grid((25, 40), projection=2)
    full = Image.from_points(flat, flat.coordinates(ids), np.ones(1000))
    events = (
        Event(EventId(), (image.with_labels(origin=LabelColumn(ids.astype(np.int32) % 3, COSMIC)),))
        for image in (block, full)
    )
    script = """
      const rows = () => page.table().trim().split("\\n").slice(1), found = [];
      for (let number = 0; number < page.events; number++) {
        await page.event(number);
        page.layer("origin");
        const whole = rows().length;
        page.hide(1);
        const rest = rows().length, kept = rows().some((row) => row.includes("cosmic"));
        page.hide(1); page.zoom(60);
        found.push([whole, rest, kept, rows().length < 200]);
      }
      return found;"""
    # A third of the ids is 1 modulo 3: those of cosmic.
    assert visit(page_of(*events), script).answer == [[1000, 667, False, True]] * 2


def test_a_picture_strikes_what_is_hidden_from_its_legend(page_of, visit, planes: Event) -> None:
    script = """
      page.layer("origin");
      const before = await dotsOf("#0072b2", true);
      page.hide(1);
      return [before, await dotsOf("#0072b2", true), await dotsOf("#0072b2", false), await dotsOf("#e8590c", true)];"""
    assert visit(page_of(planes), DOTS_OF + script).answer == [16 * 11, 0, 0, 16 * 11]


def test_a_picture_says_how_many_more_particles_there_are(page_of, visit) -> None:
    grid = Grid((20, 10), projection=2)
    image = Image.from_points(grid, grid.coordinates(np.arange(40)), np.arange(40.0, 0.0, -1.0))
    image = image.with_labels(instance=LabelColumn(np.arange(40) // 2, IDENTIFIER))
    script = """
      const draw = CanvasRenderingContext2D.prototype.fillText, lowest = [];
      CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
        lowest.push([text, this.canvas.height - y]); draw.call(this, text, x, y); };
      page.layer("instance"); page.picture();
      return lowest.filter(([text]) => text.startsWith("particle ") || text.startsWith("and "));"""
    # A narrow window, where the legend needs many rows: all of them are on the canvas.
    for flag in ("--window-size=1280,900", "--window-size=520,900"):
        lines = visit(page_of(Event(EventId(), (image,))), script, flag).answer
        assert [text for text, _ in lines][-2:] == ["particle 13 2", "and 6 more, 12 together"]
        assert all(left >= 14 for _, left in lines)


def test_fast_arrows_count_and_a_late_event_is_not_shown(page_of, visit, planes: Event) -> None:
    empty = Image.from_points(Grid((20, 10)), np.empty((0, 2), np.int32), np.empty(0))
    script = """
      const press = (key) => window.dispatchEvent(new KeyboardEvent("keydown", { key }));
      const seen = () => [page.state().number, document.title, document.getElementById("choose").value];
      await page.event(2); const third = seen();
      // The second is to be unpacked, the third is kept: it is there first.
      const late = page.event(1); await page.event(2); await late;
      const stays = seen();
      await page.event(1); await page.event(0);
      press("ArrowRight"); press("ArrowRight");
      await new Promise((done) => setTimeout(done)); // all are kept: no thread is waited for
      return { third, stays, pressed: seen() };"""
    events = (Event(EventId(1, 0, number), (empty,)) for number in range(3))
    answer = visit(page_of(*events), script).answer
    assert answer["third"][0] == 2
    assert answer["stays"] == answer["pressed"] == answer["third"]


def test_what_is_behind_has_the_grey_of_the_theme(page_of, visit, planes: Event) -> None:
    page = page_of(planes)
    for theme, shown, other in (("light", GREY, DARK_GREY), ("dark", DARK_GREY, GREY)):
        seen = visit(page, f"page.theme('{theme}'); page.layer('origin'); return null;")
        assert share(seen.dots, shown) > 0.01
        assert share(seen.dots, other) < 0.001


def test_a_tenth_layer_claims_no_key(page_of, visit, volume: Event) -> None:
    image = volume.images[0]
    labels = {"semantic": image.labels["origin"], "prediction": image.labels["origin"]}
    numbers = dict.fromkeys(
        ("instance", "ancestor", "predicted_ancestor"), LabelColumn(np.ones(len(image), np.int32), IDENTIFIER)
    )
    full = Event(EventId(), (image.with_labels(**labels, **numbers),))
    beside = dict.fromkeys(("called", "score"), (image.labels["origin"],))
    script = """return { titles: [...document.querySelectorAll("#layers button")].map((button) => button.title),
      help: document.getElementById("keys").textContent };"""
    answer = visit(page_of(full, beside=beside), script).answer
    assert [title.endswith(f"({number})") for number, title in enumerate(answer["titles"], 1)] == [
        *[True] * 9, False,
    ]  # fmt: skip
    assert "the first nine layers" in answer["help"]


def test_what_is_seen_is_printed_light_on_one_sheet_and_the_page_stays_as_it_was(
    page_of, visit, planes: Event
) -> None:
    script = """
      page.theme("dark"); page.layer("origin"); page.zoom(2);
      const shown = () => JSON.stringify({ ...page.state(), milliseconds: 0 });
      const before = shown();
      const told = (event) => window.dispatchEvent(new Event(event));
      told("beforeprint"); told("beforeprint");
      const sheets = document.querySelectorAll("#sheet"), sheet = sheets[0];
      const [paper] = sheet.getContext("2d").getImageData(2, 2, 1, 1).data;
      const sides = sheet.width / sheet.height, seen = getComputedStyle(sheet).display;
      told("afterprint");
      return { count: sheets.length, paper, sides, seen, left: document.querySelectorAll("#sheet").length,
               same: shown() === before, panels: document.getElementById("panels").className };"""
    seen = visit(page_of(planes), script)
    sides = seen.answer.pop("sides")
    assert 1.3 < sides < 1.7
    assert seen.answer == {
        "count": 1, "paper": 255, "seen": "none", "left": 0, "same": True, "panels": "",
    }  # fmt: skip
    assert seen.dots[-4:, -4:].mean() < 60  # still dark
    assert share(seen.dots, "#0072b2") > 0.01
    assert seen.console == []


def test_an_old_browser_is_told_what_is_missing(page_of, visit, planes: Event) -> None:
    page = page_of(planes)
    text = page.read_text().replace(
        "<script>\n(() => {", "<script>delete window.DecompressionStream;\n(() => {"
    )
    page.write_text(text)
    seen = visit(page, "return document.getElementById('problem').textContent;")
    assert "needs DecompressionStream" in seen.answer


@pytest.mark.real
def test_75000_pixels_are_drawn_within_a_frame_or_two(
    page_of, visit, real_data: Path, tmp_path: Path
) -> None:
    with Larcv3File(real_data / "sbnd_larcv3_events0-2.h5") as file:
        render_events(file, 2, str(tmp_path / "sbnd.html"))
    script = """
      page.layer("instance");
      const times = [];
      for (const factor of [1, 2, 2, 2, 0.1]) { page.zoom(factor); times.push(page.draw()); }
      return times.sort((a, b) => a - b)[2];"""
    seen = visit(tmp_path / "sbnd.html", script)
    # 60,367 pixels on three planes. A dropped frame or two on a shared machine; hundreds would be felt.
    assert seen.answer < 200
    assert seen.console == []
