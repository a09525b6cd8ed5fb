"""The main job from end to end, as `argoscope demo` shows it.

It takes the file it is given, or the SBND sample where it is at hand, or draws
an event; says what the file holds; and makes a picture and a page of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument
from argoscope.files import guard
from argoscope.files.atomic import writing
from argoscope.files.larcv3_write import write_events
from argoscope.files.provenance import provenance_block

__all__ = ["tour"]

SBND_SAMPLE = "sbnd_larcv3_events0-2.h5"
"""Name of the real SBND events in the folder of real data."""


def tour(
    output: Path,
    *,
    data: Path | None = None,
    real_data: Path | None = None,
    drawn: bool = False,
    overwrite: bool = False,
    report: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Run the main job.

    Parameters
    ----------
    output : Path
        Folder for what is made; it is made too.
    data : Path, optional
        A file of events, in any known format.
    real_data : Path, optional
        Folder that may hold the SBND sample.
    drawn : bool
        Draw an event even where the sample is at hand.
    overwrite : bool
        Whether an existing folder may be written into.
    report : callable
        Called with each line that says what is done.

    Returns
    -------
    dict
        ``data``, ``facts`` (see `survey`), ``picture``, ``page``, ``seconds``.

    Raises
    ------
    InvalidArgument
        If the folder exists and may not be written into.
    """
    if output.exists() and (not overwrite or not output.is_dir()):
        raise InvalidArgument(
            f"the output {output} exists: choose another folder, or write into it with --overwrite"
        )
    start = time.perf_counter()
    path = data or (None if drawn else _sample(real_data))
    facts = _facts(path) if path else {}
    with writing(output):
        output.mkdir(parents=True, exist_ok=True)
    if path is None:
        path = _drawn(output / "drawn.h5", report)
        facts = _facts(path)
    report(f"Read {path}")
    report(f"  {facts['format']}, {facts['events']} event(s) of {facts['planes']} plane(s) or volume(s)")
    for number, active in enumerate(facts["active"][:3]):
        report(f"  event {number}: {' + '.join(map(str, active))} pixels with charge")
    for kind, classes in facts["classes"].items():
        report(f"  {kind}: " + ", ".join(f"{name} {count}" for name, count in classes.items()))
    report("Drawing the first event")
    picture, page = output / "event.png", output / "event.html"
    last = max(min(facts["events"], 3) - 1, 0)
    for target, last_event in ((picture, None), (page, last)):
        arguments = {
            "path": str(path),
            "event": 0,
            "output": str(target),
            "last_event": last_event,
            "overwrite": True,
        }
        guard.call("argoscope.display.render:render_file", arguments, path=path)
    seconds = time.perf_counter() - start
    report(f"Done in {seconds:.1f} s. Look at {picture}, or open {page} in a browser.")
    return {"data": str(path), "facts": facts, "picture": str(picture), "page": str(page), "seconds": seconds}


def _facts(path: Path) -> dict[str, Any]:
    """What a file holds, read in a child process as every foreign file is."""
    arguments = {"path": str(path), "max_events": 100}
    return dict(guard.call("argoscope.files.survey:survey", arguments, path=path))


def _sample(folder: Path | None) -> Path | None:
    path = folder / SBND_SAMPLE if folder else None
    return path if path and path.is_file() else None


def _drawn(path: Path, report: Callable[[str], None]) -> Path:
    report("No data given: drawing tracks across MicroBooNE")
    events = (drawn_event(seed) for seed in range(3))
    write_events(
        path, events, provenance=provenance_block("argoscope demo", seeds={"drawn": 0}), overwrite=True
    )
    return path
