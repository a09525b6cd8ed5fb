"""The demo from end to end: events of each kind, the networks there are, the numbers, and one page that has it all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument
from argoscope.files.atomic import writing
from argoscope.files.larcv3_write import write_events
from argoscope.files.provenance import file_facts, provenance_block
from argoscope.models.cards import read_card, shipped_models
from argoscope.papers.citations import CITATIONS
from argoscope.papers.report import write_report
from argoscope.papers.study import Section, Table
from argoscope.tour.guide import Guide
from argoscope.tour.samples import Shown, show_file, show_simulated
from argoscope.tour.stops import SEED, STOPS, Stop

__all__ = ["headline_sections", "tour"]

SBND_SAMPLE = "sbnd_larcv3_events0-2.h5"
"""Name of the real SBND events in the folder of real data."""
DRAWN_EVENTS = 3


def tour(
    output: Path,
    *,
    data: Path | None = None,
    real_data: Path | None = None,
    drawn: bool = False,
    overwrite: bool = False,
    models: Mapping[str, Path] | None = None,
    stops: Sequence[Stop] = STOPS,
    command: str = "argoscope demo",
    report: Callable[[str], None] = print,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> dict[str, Any]:
    """Run the main job.

    Parameters
    ----------
    output : Path
        Folder for what is made; it is made too.
    data : Path, optional
        A file of events, in any known format, that the demo ends with.
    real_data : Path, optional
        Folder that may hold the SBND sample, with which it ends otherwise.
    drawn : bool
        Draw tracks in place of all simulated and real events: no network, a few seconds.
    overwrite : bool
        Whether an existing folder may be written into.
    models : mapping of str to Path, optional
        Cards of the networks, by name; by default those that ship with the package.
    stops : sequence of Stop
        What is simulated.
    command : str
        The command line, for the provenance.
    report : callable
        Called with each line that says what is done.
    progress : callable
        Called as progress(what, done, total) while it is.

    Returns
    -------
    dict
        ``report`` (path of the page), ``samples`` (of each ``sample``, ``model``, ``data``, ``metrics``, ``event``,
        ``picture``, ``page``), ``seconds``.

    Raises
    ------
    InvalidArgument
        If the folder exists and may not be written into, or `data` lies in it or has no event.
    UnreadableFile
        If `data` cannot be read; nothing was made then.
    """
    if output.exists() and (not overwrite or not output.is_dir()):
        raise InvalidArgument(
            f"the output {output} exists: choose another folder, or write into it with --overwrite"
        )
    guide = Guide(output, _networks(models), command, report, progress)
    try:
        path = data or (None if drawn else _sample(real_data))
        facts = _facts(guide, path) if path else {}
        if path is not None:
            _require_fit(path, facts, output)
        with writing(output):
            output.mkdir(parents=True, exist_ok=True)
        shown = [_drawn(guide)] if drawn else _simulated(guide, stops)
        if path is not None:
            shown.append(show_file(guide, path, facts, tuple(stops)))
    finally:
        guide.child.close()
    page = _report(guide, shown, real=path)
    guide.say(f"Done. All of it on one page: {page}")
    return {"report": str(page), "samples": [_answer(guide, one) for one in shown], "seconds": guide.seconds}


def _require_fit(path: Path, facts: Mapping[str, Any], output: Path) -> None:
    """Refuse a file without events, and one whose place the demo's own files could take."""
    if not facts["events"]:
        raise InvalidArgument(f"{path} has no event: there is nothing to show")
    if output.is_dir() and path.resolve().parent == output.resolve():
        raise InvalidArgument(
            f"{path} lies in the output {output}, whose files the demo replaces: name another folder"
        )


def _networks(models: Mapping[str, Path] | None) -> Mapping[str, Path]:
    if models is not None:
        return models
    return shipped_models()


def _facts(guide: Guide, path: Path) -> dict[str, Any]:
    """What a file holds."""
    return dict(guide.run("argoscope.files.survey:survey", path, path=str(path), max_events=100))


def _sample(folder: Path | None) -> Path | None:
    path = folder / SBND_SAMPLE if folder else None
    return path if path and path.is_file() else None


def _simulated(guide: Guide, stops: Sequence[Stop]) -> list[Shown]:
    from argoscope.kernels import compile_kernels

    line = (
        "Loading the kernels of simulation and networks (the first time they are compiled: a minute or two)"
    )
    with guide.step(line, "load or compile kernels"):
        compile_kernels(guide.progress)
    return [show_simulated(guide, stop) for stop in stops]


def _drawn(guide: Guide) -> Shown:
    """Tracks across MicroBooNE."""
    path = guide.folder / "drawn.h5"
    with guide.step(
        "Drawing tracks across MicroBooNE: geometry alone, no physics", "draw tracks", DRAWN_EVENTS
    ):
        write_events(
            path, (drawn_event(seed) for seed in range(DRAWN_EVENTS)),
            provenance=provenance_block(guide.command, seeds={"drawn": 0}), overwrite=True,
        )  # fmt: skip
    why = "Networks learned from simulated events, not from drawn lines: none is asked."
    return show_file(guide, path, _facts(guide, path), (), why=why)


def _answer(guide: Guide, shown: Shown) -> dict[str, Any]:
    """A sample as JSON has it."""
    pictures = shown.pictures or {}
    return {
        "sample": shown.sample,
        "model": shown.model,
        "data": str(shown.data),
        "metrics": [headline._asdict() for headline in shown.headlines],
        "event": pictures.get("event"),
        **{key: str(guide.folder / pictures[key]) for key in ("picture", "page") if pictures.get(key)},
    }


def _report(guide: Guide, shown: Sequence[Shown], *, real: Path | None) -> Path:
    """The page: the numbers first, then every sample, then times."""
    sections = [*headline_sections(shown), *(one.section for one in shown), _times(guide), _papers()]
    block = provenance_block(
        guide.command,
        inputs=[file_facts(real)] if real else [],
        configuration={"networks": {name: read_card(card)[1] for name, card in guide.models.items()}},
        seeds={"simulation": SEED},
    )
    introduction = (
        "Events of liquid-argon time projection chambers, what networks that compute only where there is charge say of them, and "
        "how right they are. Simulated events were made on this machine a moment ago, of seeds that no training saw; real ones "
        "are named. The papers' numbers beside ours were reached on their own events.\n\n"
        "Pictures that compare a prediction with the truth show a pixel as right, missed (of a class, called background), false "
        "(background, called a class), or confused (of a class, called another); not read is charge outside the window that a "
        "network looks at.\n\n"
        "Files with all products and predictions, interactive displays and print-quality pictures are beside this page."
    )
    return write_report(guide.folder, "argoscope demo", introduction, sections, block)


def headline_sections(shown: Sequence[Shown]) -> list[Section]:
    """The numbers that matter most, of all networks, as a section; none where there is no number."""
    rows = tuple(
        (
            f"{one.model}, {one.sample}", said.measure, said.ours, said.baseline, said.theirs,
            said.where if said.theirs is not None else "",
        )
        for one in shown
        for said in one.headlines
    )  # fmt: skip
    if not rows:
        return []
    columns = ("network and sample", "measure", "here", "without a network", "published", "by")
    note = "Intervals hold 68 %, over the events of the sample: few, to be quick. The cards of the networks (argoscope models) have them on hundreds."
    return [Section("In short", tables=(Table("How well the networks do", columns, rows, note),))]


def _papers() -> Section:
    """What the published numbers are from."""
    return Section(
        "Papers", tables=(Table("Published numbers are from", ("", ""), tuple(CITATIONS.items())),)
    )


def _times(guide: Guide) -> Section:
    rows = tuple(
        (
            each.what,
            each.events or None,
            each.seconds,
            1e3 * each.seconds / each.events if each.events else None,
        )
        for each in guide.timings
    )
    rows += (("in all", None, guide.seconds, None),)
    table = Table(
        "Steps", ("", "events", "seconds", "ms an event"), rows,
        f"As the clock on the wall has it, on {os.cpu_count()} cores and beside whatever else they did; reading, writing and starting included.",
    )  # fmt: skip
    return Section("Times", tables=(table,))
