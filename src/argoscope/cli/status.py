"""`argoscope status`: how a job stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.output import PARTIAL, Json, print_json, print_rows, progress_reporter
from argoscope.errors import IntegrityError

__all__ = ["status"]


def status(
    folder: Annotated[Path, typer.Argument(help="Folder that the job writes into.", show_default=False)],
    verify: Annotated[bool, typer.Option("--verify", help="Compare every output with its SHA-256.")] = False,
    json: Json = False,
) -> None:
    """Say how a job over many files stands: done, set aside and why, left, rate and time.

    Exits with 0 if no file or event was set aside so far, else with 4; with 5 if --verify finds an output damaged.

    Example: argoscope status predicted
    """
    from argoscope.jobs.status import status_of

    with progress_reporter() as report:
        answer = status_of(folder, verify=verify, report=report)
    if json:
        print_json(answer)
    else:
        print_rows(_rows(answer))
    if answer["damaged"]:
        raise IntegrityError(
            f"{folder}: {len(answer['damaged'])} outputs are not what they were, the first "
            f"{answer['damaged'][0]}: remove them, and run the job again with --resume"
        )
    if answer["failed"] or answer["events_set_aside"]:
        raise typer.Exit(PARTIAL)


def _rows(answer: dict[str, Any]) -> list[tuple[str, str]]:
    rows = [
        ("done", f"{answer['done']} of {answer['units']}"),
        ("set aside", str(answer["failed"])),
        ("left", str(answer["left"])),
    ]
    if answer["events_set_aside"]:
        rows.append(("events set aside", str(answer["events_set_aside"])))
    if answer["running"]:
        rows.append(("under way", f"{len(answer['running'])} runs, or killed: go on with --resume"))
    if answer["per_second"]:
        rows.append(("rate", f"{answer['per_second']:.2f}/s, {answer['seconds_left']:.0f} s left"))
    if answer["damaged"] is not None:
        rows.append(("damaged", str(len(answer["damaged"]))))
    rows += [
        (f"  {failure.get('input', failure['unit'])}", failure["error"]) for failure in answer["failures"]
    ]
    return rows
