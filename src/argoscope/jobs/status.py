"""How a job stands, at any time, from its folder alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.errors import UnreadableFile
from argoscope.files.provenance import file_facts
from argoscope.jobs.ledger import DONE, FAILED, note_lines, output_in, records, states_of, while_runs_end

__all__ = ["status_of"]

SHOWN = 20
"""Units set aside, and outputs that are not what they were, that are listed; all stand in the manifest."""
RATE_OVER = 600.0
"""Seconds that the rate is taken over."""


def status_of(
    folder: Path, *, verify: bool = False, report: Callable[[str, int, int], None] | None = None
) -> dict[str, Any]:
    """Say how a job stands.

    Parameters
    ----------
    folder : Path
        Of its outputs.
    verify : bool
        Whether to read every output and compare its SHA-256.
    report : callable, optional
        Told how the verification gets on.

    Returns
    -------
    dict
        ``units``, ``done``, ``failed``, ``left``; ``running`` (ledgers without their manifest: runs at work, or killed),
        ``per_second`` and ``seconds_left`` of these or None, ``failures`` (unit, input, error), ``events_set_aside``,
        ``damaged`` (outputs that are not what they were; None if not verified), ``order``.

    Raises
    ------
    UnreadableFile
        If the folder has no job.
    IntegrityError
        If a ledger or manifest was altered.
    InvalidArgument
        If it has several jobs.
    """
    found = while_runs_end(lambda: records(folder)) if folder.is_dir() else []
    if not found:
        raise UnreadableFile(f"{folder} has no manifest of a job: name the folder that a job writes into")
    order = found[0].head["order"]
    states = states_of(folder, order)
    facts = while_runs_end(lambda: _facts(folder, states))
    left = int(np.count_nonzero(states == 0))
    rate = _rate(facts["ended"])
    running = [record.path.parent.name for record in found if not record.ended]
    return {
        "units": len(states),
        "done": int(np.count_nonzero(states == DONE)),
        "failed": int(np.count_nonzero(states == FAILED)),
        "left": left,
        "running": running,
        "per_second": rate if running else None,
        "seconds_left": left / rate if running and rate else None,
        "failures": facts["failures"],
        "events_set_aside": facts["events_set_aside"],
        "damaged": _damaged(folder, facts, report) if verify else None,
        "order": order,
    }


def _facts(folder: Path, states: np.ndarray) -> dict[str, Any]:
    """What the lines of units say that count: sums of outputs, failures, times; of a unit in several records, its last."""
    sums: dict[str, str] = {}
    failures: dict[int, dict[str, Any]] = {}
    aside: dict[int, int] = {}
    last: dict[int, float] = {}
    ended: list[float] = []
    cut: set[str] = set()
    for record in records(folder):
        for _, note in note_lines(record.path):
            unit, at = note["unit"], _ended(note)
            if "error" in note:
                if states[unit] == FAILED and len(failures) < SHOWN:
                    failures[unit] = {key: note[key] for key in ("unit", "input", "error") if key in note}
            elif states[unit] != DONE:
                cut.add(output_in(folder, note.get("output")).name)
            elif at >= last.get(unit, 0.0):
                last[unit] = at
                sums[output_in(folder, note["output"]).name] = str(note.get("sha256"))
                aside[unit] = len(note.get("events_set_aside", ()))
            if not record.ended and at:
                ended.append(at)
    return {
        "sums": sums,
        "cut": sorted(cut),
        "failures": list(failures.values()),
        "ended": ended,
        "events_set_aside": sum(aside.values()),
    }


def _ended(note: Mapping[str, Any]) -> float:
    """When a unit ended; 0 where its line does not say."""
    at = note.get("ended")
    return at if isinstance(at, float) else 0.0


def _rate(ended: list[float]) -> float | None:
    """Units a second of late."""
    now = time.time()
    recent = sorted(at for at in ended if now - at < RATE_OVER)
    return len(recent) / (now - recent[0]) if len(recent) > 1 else None


def _damaged(
    folder: Path, facts: Mapping[str, Any], report: Callable[[str, int, int], None] | None
) -> list[str]:
    """Outputs of another size than they had, and of another content; those that are gone are left to do."""
    sums: dict[str, str] = facts["sums"]
    bad = [name for name in facts["cut"] if (folder / name).exists()]
    for number, (name, expected) in enumerate(sums.items(), 1):
        if file_facts(folder / name)["sha256"] != expected:
            bad.append(name)
        if report is not None:
            report("verifying files", number, len(sums))
    return bad
