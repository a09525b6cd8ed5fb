"""Studies: the parts of a reproduction, each run once, kept, and not run again.

A study is a function that gives a `Section`: text, tables and figures. Its
result is a JSON file in the reproduction's folder, so that an interrupted
reproduction goes on where it stopped, and every number of the report can be
read by a machine. Figures are PNG files, with PDF and their data as JSON beside.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from argoscope import __version__
from argoscope.display.figure_files import save_picture
from argoscope.errors import Stopped
from argoscope.files.atomic import atomic_output, writing

__all__ = ["Context", "Figure", "Scale", "Section", "Study", "Table", "run_studies"]

Scale = Literal["small", "full"]
"""Half an hour on two cores, or the papers' own sizes."""

Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Table:
    """A table of a report.

    Parameters
    ----------
    title : str
    columns : tuple of str
    rows : tuple of tuple
        Text or numbers; a number with an interval is (value, low, high), None is a dash.
    note : str
        What the rows are, on what sample, with what intervals.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure of a report.

    Parameters
    ----------
    title : str
    file : str
        PNG in the folder of the report; its data are beside it, as .json or as the page.
    note : str
    page : str
        HTML file beside the report that shows more; "" for none.
    """

    title: str
    file: str
    note: str = ""
    page: str = ""


@dataclass(frozen=True)
class Section:
    """What a study found.

    Parameters
    ----------
    title, text : str
    tables : tuple of Table
    figures : tuple of Figure
    seconds : float
        Time it took.
    """

    title: str
    text: str = ""
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    seconds: float = 0.0

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Section:
        """Build a section from its file."""
        tables = tuple(
            Table(t["title"], tuple(t["columns"]), tuple(map(_row, t["rows"])), t["note"])
            for t in values["tables"]
        )
        figures = tuple(Figure(**figure) for figure in values["figures"])
        return cls(values["title"], values["text"], tables, figures, values["seconds"])


def _row(cells: list[Any]) -> tuple[Any, ...]:
    return tuple(tuple(cell) if isinstance(cell, list) else cell for cell in cells)


@dataclass(frozen=True)
class Context:
    """What the studies of a reproduction share.

    Parameters
    ----------
    folder : Path
        Of the reproduction.
    scale : {"small", "full"}
    workers : int
    settings : dict
        Whatever else decides the numbers, such as models and data files.
    report : callable
        Told of the progress.
    stop : callable
        Whether the work was asked to stop.
    """

    folder: Path
    scale: Scale
    workers: int = 1
    settings: dict[str, Any] = field(default_factory=dict)
    report: Report = lambda *_: None
    stop: Callable[[], bool] = lambda: False

    def mark(self, without: Sequence[str] = ()) -> str:
        """Digest of what decides the numbers, but for the settings named."""
        settings = {name: value for name, value in self.settings.items() if name not in without}
        text = json.dumps([__version__, self.scale, settings], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def obey(self) -> None:
        """Raise `Stopped` if the work was asked to stop."""
        if self.stop():
            raise Stopped("stopped; what was done is kept: go on with --resume")

    def figure(self, name: str, title: str, picture: Any, data: Any, note: str = "") -> Figure:
        """Save a matplotlib figure, as PNG and PDF, and its data; returns what the section refers to."""
        path, _ = save_picture(picture, self.folder, name, data)
        return Figure(title, path.name, note)


@dataclass(frozen=True)
class Study:
    """One part of a reproduction.

    Parameters
    ----------
    name : str
        Of its file.
    find : callable
        Takes the context, gives the section.
    full : str
        What only the full scale gives.
    indifferent : tuple of str
        Settings that change none of its numbers.
    """

    name: str
    find: Callable[[Context], Section]
    full: str = ""
    indifferent: tuple[str, ...] = ()


def run_studies(studies: Sequence[Study], context: Context, *, only: Sequence[str] = ()) -> list[Section]:
    """Run the studies that have not been run.

    Parameters
    ----------
    studies : sequence of Study
    context : Context
    only : sequence of str
        Names of those to be run; all if empty. Others that were run before are in the answer too.

    Returns
    -------
    list of Section
        In the order of the studies.

    Raises
    ------
    Stopped
        If the work was asked to stop; what is done is kept.
    """
    with writing(context.folder):
        (context.folder / "studies").mkdir(parents=True, exist_ok=True)
    sections = []
    for number, study in enumerate(studies):
        context.report(f"study {study.name}", number, len(studies))
        section = _kept(study, context)
        if section is None and (not only or study.name in only):
            context.obey()
            section = _found(study, context)
        if section is not None:
            sections.append(section)
    return sections


def _path(study: Study, context: Context) -> Path:
    return context.folder / "studies" / f"{study.name}.json"


def _kept(study: Study, context: Context) -> Section | None:
    """The study's result from its file; None where there is none, or one of other settings."""
    path = _path(study, context)
    if not path.exists():
        return None
    kept = json.loads(path.read_text())
    return Section.from_json(kept) if kept.pop("mark", None) == context.mark(study.indifferent) else None


def _found(study: Study, context: Context) -> Section:
    """The study's result, found now and kept."""
    begun = time.monotonic()
    found = study.find(context)
    section = replace(found, seconds=round(time.monotonic() - begun, 1))
    with atomic_output(_path(study, context), overwrite=True) as temporary:
        temporary.write_text(
            json.dumps({"mark": context.mark(study.indifferent), **asdict(section)}, indent=1) + "\n"
        )
    # As a later run will read it: lists for tuples, nothing else.
    return Section.from_json(json.loads(json.dumps(asdict(section))))
