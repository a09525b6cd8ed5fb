"""A report in a real browser: pictures show, no table of the demo is wider than the page, nothing fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from argoscope.figures import bare_figure
from argoscope.papers.report import write_report
from argoscope.papers.study import Context, Section
from argoscope.tour.headlines import Headline
from argoscope.tour.run import headline_sections
from argoscope.tour.samples import Shown

READY = "<script>window.argoscope = {ready: Promise.resolve()};</script>"
"""What the driver waits for on a page of events."""


def test_pictures_show_and_tables_fit_the_page(visit, tmp_path):
    figure = bare_figure(10, 3)
    figure.subplots().plot([1, 2])
    shown = Context(tmp_path, "small").figure("a", "A figure", figure, [1, 2])
    number = Headline(
        "accuracy of cosmic and neutrino pixels",
        (0.68, 0.65, 0.71),
        0.956,
        "paper 0, table 2, best",
        (0.8, 0.7, 0.9),
    )
    one = Shown(
        "3 events of sbnd_larcv3_events0-2.h5", "cosmic-tagger-sbnd", Path("a.h5"), Section(""), (number,)
    )
    sections = [*headline_sections([one]), Section("S", figures=(replace(shown, page="a.html"),))]
    page = write_report(
        tmp_path, "T", "", sections, {"command": "argoscope demo", "versions": {"python": "3"}}
    )
    page.write_text(page.read_text() + READY)
    script = """return {
        shown: [...document.images].every((image) => image.naturalWidth > 100),
        fits: [...document.querySelectorAll("table")].every((table) => table.scrollWidth <= table.clientWidth),
        link: document.querySelector("figure a").getAttribute("href"),
        folded: !document.querySelector("details").open,
    };"""
    seen = visit(page, script)
    assert seen.answer == {"shown": True, "fits": True, "link": "a.html", "folded": True}
    assert seen.console == []


def test_a_report_is_dark_where_the_reader_is_and_light_where_not(visit, tmp_path):
    page = write_report(tmp_path, "T", "Words.", [], {})
    page.write_text(page.read_text() + READY)
    script = "const found = getComputedStyle(document.body); return [found.color, found.backgroundColor];"
    dark = visit(page, script, "--blink-settings=preferredColorScheme=0")
    light = visit(page, script, "--blink-settings=preferredColorScheme=1")
    assert dark.answer == ["rgb(232, 232, 232)", "rgb(20, 22, 26)"]
    assert light.answer == ["rgb(27, 27, 27)", "rgb(255, 255, 255)"]
    assert dark.dots[-50:].mean() < 40
    assert light.dots[-50:].mean() > 240
