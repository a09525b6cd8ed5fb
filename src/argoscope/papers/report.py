"""Sections as one HTML file, pictures inside, that opens from anywhere."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from argoscope.files.atomic import atomic_output
from argoscope.papers.study import Figure, Section, Table

__all__ = ["write_report"]

LONG_TEXT = 32
"""Letters from which on a cell, and so its column, is broken into lines."""
WHOLE_FROM = 1000
"""Numbers from here on are shown without fraction."""

_STYLE = """
:root { --paper: #fff; --ink: #1b1b1b; --soft: #555; --fine: #6b6b6b; --line: #ddd; --rule: #888; --link: #0059b8; color-scheme: light; }
@media screen and (prefers-color-scheme: dark) { :root { --paper: #14161a; --ink: #e8e8e8; --soft: #b4b8bd; --fine: #9aa0a6;
  --line: #363b43; --rule: #7d838b; --link: #7cc0f0; color-scheme: dark; } img { background: #fff; padding: .5rem; border-radius: 4px; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 76rem; margin: 2rem auto;
       padding: 0 1.2rem; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2.4rem; border-top: 1px solid var(--line);
     padding-top: 1rem; }
p, nav { max-width: 62rem; } nav a { margin-right: 1rem; } a { color: var(--link); }
table { border-collapse: collapse; margin: .6rem 0; font-variant-numeric: tabular-nums; display: block; overflow-x: auto; }
caption, figcaption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { padding: .2rem .7rem; vertical-align: top; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { border-bottom: 2px solid var(--rule); white-space: normal; max-width: 9rem; vertical-align: bottom; }
td.text, th.text { text-align: left; white-space: normal; min-width: 12rem; } th:first-child, td:first-child { text-align: left; }
.note, footer { color: var(--soft); font-size: .86rem; } .interval { display: block; color: var(--fine); font-size: .78em; }
figure { margin: 1rem 0; } img { max-width: min(100%, 62rem); height: auto; box-sizing: border-box; }
details td.text { white-space: pre-wrap; } summary { cursor: pointer; margin-top: .4rem; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .6rem; overflow-wrap: anywhere; }
@media print { body { margin: 0; padding: 0; } nav { display: none; } h2, caption, figcaption { break-after: avoid; }
  table { display: table; font-size: .72em; max-width: 100%; break-inside: avoid; } th, td { padding: .2rem .45rem; }
  td.text, th.text { min-width: 0; } tr, figure { break-inside: avoid; } img { max-height: 92vh; } }
"""


def write_report(
    folder: Path, title: str, introduction: str, sections: Sequence[Section], provenance: dict[str, Any]
) -> Path:
    """Write report.html and report.json.

    Parameters
    ----------
    folder : Path
        With the figures of the sections.
    title, introduction : str
        The introduction may have several paragraphs, apart by empty lines.
    sections : sequence of Section
    provenance : dict

    Returns
    -------
    Path
        Of the HTML file.

    Examples
    --------
    >>> import tempfile
    >>> table = Table("Accuracy", ("", "ours", "paper"), (("MIP", (0.98, 0.97, 0.99), 0.981),))
    >>> with tempfile.TemporaryDirectory() as name:
    ...     text = write_report(Path(name), "A", "", [Section("One", tables=(table,))], {}).read_text()
    >>> "0.9800" in text, "[0.9700, 0.9900]" in text
    (True, True)
    """
    links = " ".join(f'<a href="#s{n}">{html.escape(s.title)}</a>' for n, s in enumerate(sections))
    body = "\n".join(_section(folder, number, section) for number, section in enumerate(sections))
    page = (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style>\n<h1>{html.escape(title)}</h1>\n"
        f"{_paragraphs(introduction)}\n<nav>{links}</nav>\n{body}\n"
        f"<footer>{html.escape(_origin(provenance))}{_provenance(provenance)}</footer></html>\n"
    )
    path = folder / "report.html"
    with atomic_output(path, overwrite=True) as temporary:
        temporary.write_text(page, encoding="utf-8")
    numbers = {
        "title": title,
        "sections": [asdict(section) for section in sections],
        "provenance": provenance,
    }
    with atomic_output(folder / "report.json", overwrite=True) as temporary:
        temporary.write_text(json.dumps(numbers, indent=1) + "\n")
    return path


def _section(folder: Path, number: int, section: Section) -> str:
    parts = [f'<section id="s{number}"><h2>{html.escape(section.title)}</h2>', _paragraphs(section.text)]
    parts += [_table(table) for table in section.tables]
    parts += [_figure(folder, figure) for figure in section.figures]
    took = f'<p class="note">Took {section.seconds:.0f} s</p>' if section.seconds else ""
    return "\n".join([*parts, f"{took}</section>"])


def _paragraphs(text: str) -> str:
    return "\n".join(f"<p>{html.escape(part.strip())}</p>" for part in text.split("\n\n") if part.strip())


def _table(table: Table) -> str:
    kinds = [_class_of(column) for column in zip(*table.rows, strict=True)] or [""] * len(table.columns)
    head = "".join(
        f"<th{kind}>{html.escape(name)}</th>" for kind, name in zip(kinds, table.columns, strict=True)
    )
    rows = "\n".join(
        "<tr>"
        + "".join(f"<td{kind}>{_cell(cell)}</td>" for kind, cell in zip(kinds, row, strict=True))
        + "</tr>"
        for row in table.rows
    )
    note = f'<p class="note">{html.escape(table.note)}</p>' if table.note else ""
    return f"<table><caption>{html.escape(table.title)}</caption><tr>{head}</tr>\n{rows}</table>{note}"


def _class_of(column: tuple[Any, ...]) -> str:
    """A column with a long text is set as text, any other as numbers."""
    long = any(isinstance(cell, str) and len(cell) > LONG_TEXT for cell in column)
    return ' class="text"' if long else ""


def _cell(cell: Any) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, tuple):
        value, low, high = cell
        if value is None:
            return "–"
        ends = (
            ""
            if low is None and high is None
            else f' <span class="interval">[{_number(low)}, {_number(high)}]</span>'
        )
        return f"{_number(value)}{ends}"
    return _number(cell) if isinstance(cell, float) else html.escape(str(cell))


def _number(value: float | None) -> str:
    """Four digits after the point for fractions, four significant ones for other numbers, whole ones from 1000 on."""
    if value is None:
        return "–"
    if abs(value) >= WHOLE_FROM:
        return f"{value:,.0f}"
    return f"{value:.4f}" if abs(value) <= 1 else f"{value:.4g}"


def _figure(folder: Path, figure: Figure) -> str:
    data = base64.b64encode((folder / figure.file).read_bytes()).decode()
    note = f'<p class="note">{html.escape(figure.note)}</p>' if figure.note else ""
    if figure.page:
        # Beside the report, and of its own: the report says all without it.
        note += f'<p><a href="{quote(figure.page)}">Look closer: zoom, switch layers, read pixels</a></p>'
    title = html.escape(figure.title)
    return f'<figure><figcaption>{title}</figcaption><img alt="{title}" src="data:image/png;base64,{data}">{note}</figure>'


def _origin(block: dict[str, Any]) -> str:
    """What made the page, in a line."""
    package = block.get("package", {})
    return " · ".join(
        str(part)
        for part in (
            f"argoscope {package.get('version', '')} {package.get('git', '')}".strip(),
            block.get("command", ""),
            block.get("time", ""),
        )
        if part
    )


def _provenance(block: dict[str, Any]) -> str:
    """All that is known of how the page came to be, to be unfolded."""
    if not block:
        return ""
    rows = "\n".join(
        f'<tr><td>{html.escape(name)}</td><td class="text">{html.escape(text)}</td></tr>'
        for name, value in block.items()
        for text in [value if isinstance(value, str) else json.dumps(value)]
    )
    return f"<details><summary>Provenance</summary><table>{rows}</table></details>"
