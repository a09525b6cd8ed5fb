"""A job from its plan to its manifest: what is left is worked on, what becomes of it noted at once.

The promise lies here and in the worker, not in the engine: a unit counts as
done when its output is under its final name and its line in the ledger. A run
that died between the two makes that output again, the same.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.files.atomic import require_folder, writing
from argoscope.files.locks import hold
from argoscope.files.provenance import provenance_block
from argoscope.jobs.ledger import (
    DONE,
    LEDGER,
    MOST_UNITS,
    Ledger,
    is_begun,
    note_lines,
    output_in,
    records,
    states_of,
    write_manifest,
)
from argoscope.jobs.plan import Plan, Shard
from argoscope.jobs.staging import is_remote
from argoscope.jobs.worker import Limits, Task, child_of, run_unit

__all__ = ["Engine", "Summary", "here", "run_job"]

Engine = Callable[[Iterator[Task]], Generator[dict[str, Any], None, None]]
"""Works on tasks, drawn when there is room for them; gives the ledger's line of each as it ends."""


@dataclass(frozen=True)
class Summary:
    """What became of a job's units, as far as they are this run's to do.

    Parameters
    ----------
    done, failed, kept : int
        Units whose output is there, units set aside, and those of `done` that an earlier run had made.
    events_set_aside : int
        Events that are left out of outputs, those that an earlier run had made included.
    kinds : frozenset of str
        Names of the errors that this run's failed units ended with.
    """

    done: int
    failed: int
    kept: int
    events_set_aside: int
    kinds: frozenset[str]


def run_job(
    plan: Plan,
    folder: Path,
    engine: Engine,
    *,
    shard: Shard | None = None,
    limits: Limits = Limits(),  # noqa: B008  # frozen
    resume: bool = False,
    overwrite: bool = False,
    told: Callable[[Mapping[str, Any]], None] | None = None,
    report: Callable[[str, int, int], None] | None = None,
) -> Summary:
    """Run a job, or a shard of it.

    Parameters
    ----------
    plan : Plan
    folder : Path
        Of the outputs; made if it is not there.
    engine : Engine
    shard : Shard, optional
        The share that is this run's, of a job that others run too; all by default.
    limits : Limits
        Of every worker.
    resume : bool
        Do what an earlier run left, what it set aside included. A shard always does.
    overwrite : bool
        Make all anew.
    told : callable, optional
        Given each unit's line of the ledger.
    report : callable, optional
        Told of the progress.

    Raises
    ------
    InvalidArgument
        If the folder has outputs and neither `resume` nor `overwrite`, or another job, or another process works on it,
        or inputs lie in it; or if the job has too many units.
    IntegrityError
        If a ledger or manifest was altered.
    StorageError
        If the folder takes no files.
    Stopped
        If the engine was stopped; the next run goes on.
    """
    resume, shard = resume or shard is not None, shard or Shard()
    _open(plan, folder, shard, resume=resume, overwrite=overwrite)
    states = states_of(folder, plan.order)
    mine = np.fromiter(shard.units(len(plan)), dtype=np.int64)
    left = mine[states[mine] != DONE]
    head = {
        "order": plan.order,
        "command": plan.command,
        "begun": time.time(),
        "shard": [shard.index, shard.of],
    }
    kinds, failed = set(), 0
    made = engine(_tasks(plan, folder, shard, limits, left))
    with closing(Ledger(folder, shard.label, head)) as ledger, closing(made):
        for done, note in enumerate(made, 1):
            ledger.append(note)
            failed += "error" in note
            kinds |= {note["kind"]} if "error" in note else set()
            if told is not None:
                told(note)
            if report is not None:
                report(
                    f"files ({failed} set aside)" if failed else "files",
                    len(mine) - len(left) + done,
                    len(mine),
                )
    end = {**provenance_block(plan.command, configuration=dict(plan.options)), "order": plan.order}
    counts = write_manifest(folder, shard.label, end, shard.units(len(plan)), len(plan))
    shutil.rmtree(folder / f".job{shard.label}", ignore_errors=True)
    kept = len(mine) - len(left)
    return Summary(counts["done"], counts["failed"], kept, counts["events_set_aside"], frozenset(kinds))


def _open(plan: Plan, folder: Path, shard: Shard, *, resume: bool, overwrite: bool) -> None:
    """Make the folder, or see that it may be written into."""
    if len(plan) > MOST_UNITS:
        raise InvalidArgument(
            f"a job of {len(plan)} files is too large, {MOST_UNITS} is the most: divide it into several"
        )
    require_folder(folder)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if overwrite and shard.of > 1:
        raise InvalidArgument(
            "--overwrite and --shard do not go together: shards would remove each other's outputs"
        )
    _require_apart(plan.inputs, folder)
    if overwrite:
        _remove_job(folder)
    elif not resume or not is_begun(folder):
        present = {path.name for path in folder.iterdir()}
        there = next(
            (unit.output for unit in map(plan.__getitem__, range(len(plan))) if unit.output in present), ""
        )
        if there or is_begun(folder):
            raise InvalidArgument(
                f"the output {folder / there} exists: go on with --resume, begin anew with --overwrite, or choose "
                "another folder"
            )


def _require_apart(inputs: Sequence[str], folder: Path) -> None:
    """Refuse inputs from the folder of the outputs: these may have their names, and take their place."""
    for place in {source.rpartition("/")[0] for source in inputs if not is_remote(source)}:
        if Path(place or ".").is_dir() and Path(place or ".").samefile(folder):
            raise InvalidArgument(
                f"the output {folder} is the folder of inputs, whose place outputs could take: name another folder"
            )


def _remove_job(folder: Path) -> None:
    """Remove what jobs left in a folder, their outputs included, unless one is at work."""
    for ledger in folder.glob(f".job*/{LEDGER}"):
        with ledger.open("ab") as stream:
            hold(stream, f"another process works on the job in {folder}: wait for it, or stop it first")
    for record in records(folder):
        for _, note in note_lines(record.path):
            if "error" not in note:
                output_in(folder, note.get("output")).unlink(missing_ok=True)
    for path in [*folder.glob("manifest*.json"), *folder.glob(".job*")]:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()


def _tasks(plan: Plan, folder: Path, shard: Shard, limits: Limits, left: np.ndarray) -> Iterator[Task]:
    shared: dict[str, Any] = {
        "target": plan.target,
        "options": {**plan.options, "command": plan.command} if plan.command else plan.options,
        "folder": str(folder.resolve()),
        "label": shard.label,
        "base": str(Path.cwd()),
        "limits": limits,
    }
    for index in left:
        yield Task(unit=plan[int(index)], **shared)


def here(tasks: Iterator[Task]) -> Generator[dict[str, Any], None, None]:
    """Work on one unit after another, in one child: the engine that needs nothing."""
    child = None
    try:
        for task in tasks:
            child = child or child_of(task)
            yield run_unit(child, task)
    finally:
        if child is not None:
            child.close()
