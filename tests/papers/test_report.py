"""A report is one file: text escaped, pictures inside, every number in the JSON beside."""

from __future__ import annotations

import json

import pytest

from argoscope.papers.report import write_report
from argoscope.papers.study import Figure, Section, Table


@pytest.fixture
def page(tmp_path):
    def write(*sections, title="T", introduction="", provenance=None):
        return write_report(tmp_path, title, introduction, list(sections), provenance or {}).read_text()

    return write


BAD = "<script>alert('x')</script> & \"more\""


def test_all_text_is_escaped(page):
    table = Table(BAD, (BAD, "n"), ((BAD, 1.0),), BAD)
    text = page(Section(BAD, BAD, (table,)), title=BAD, introduction=BAD, provenance={"command": BAD})
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 9


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (0.98765, "0.9877"),
        (1234.5, "1,234"),
        (-15992.4, "-15,992"),
        (999.87, "999.9"),
        (7, "7"),
        (None, "–"),
        ((None, None, None), "–"),
        ((0.5, None, None), "0.5000"),
        ((0.5, 0.25, 0.75), '0.5000 <span class="interval">[0.2500, 0.7500]</span>'),
    ],
)
def test_cells(page, cell, shown):
    assert f"<td>{shown}</td>" in page(Section("S", tables=(Table("t", ("a",), ((cell,),)),)))


def test_a_column_with_a_long_text_may_break_into_lines(page):
    rows = (("x", "word " * 20, 1.0), ("y", "word", 2.0))
    text = page(Section("S", tables=(Table("t", ("a", "b", "c"), rows),)))
    assert text.count('<td class="text">') == 2
    assert '<th class="text">b</th><th>c</th>' in text


def test_a_table_without_rows_has_its_head(page):
    assert "<th>a</th><th>b</th>" in page(Section("S", tables=(Table("t", ("a", "b"), ()),)))


def test_pictures_are_inside(page, tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG picture")
    text = page(Section("S", figures=(Figure('an "A"', "a.png", "note"),)))
    assert 'src="data:image/png;base64,iVBORyBwaWN0dXJl"' in text
    assert 'alt="an &quot;A&quot;"' in text
    assert "http" not in text


def test_sections_are_linked_and_timed(page):
    text = page(Section("One", seconds=3.4), Section("Two"))
    assert '<a href="#s0">One</a>' in text
    assert '<section id="s1"><h2>Two</h2>' in text
    assert text.count("3 s</p>") == 1


def test_numbers_are_in_the_json(page, tmp_path):
    page(Section("S", tables=(Table("t", ("a",), (((0.5, 0.4, None),),)),)), provenance={"command": "c"})
    numbers = json.loads((tmp_path / "report.json").read_text())
    assert numbers["sections"][0]["tables"][0]["rows"] == [[[0.5, 0.4, None]]]
    assert numbers["provenance"] == {"command": "c"}
