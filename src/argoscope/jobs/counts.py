"""How many events inputs have, where a job divides files into ranges of events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from argoscope.errors import ArgoscopeError, Stopped
from argoscope.files.guard import Child
from argoscope.jobs.ledger import records, while_runs_end
from argoscope.jobs.plan import inputs_sha256

__all__ = ["event_counts"]


def event_counts(
    inputs: Sequence[str],
    folder: Path,
    *,
    most: int | None = None,
    anew: bool = False,
    memory_mb: float | None = None,
    report: Callable[[str, int, int], None] | None = None,
) -> list[int]:
    """Count the events of every input: each is opened, in a guarded child.

    A run that goes on, and a shard that is not the first, take what the job in the folder was planned with: an input
    that has vanished since then changes no plan.

    Parameters
    ----------
    inputs : sequence of str
        Paths.
    folder : Path
        Of the job's outputs.
    most : int, optional
        Events of an input that are wanted at most.
    anew : bool
        Whether to count though the folder has a job.
    memory_mb : float, optional
        That opening a file may take.
    report : callable, optional
        Told of the progress.

    Returns
    -------
    list of int
        Of each input; 0 where it cannot be opened, which will be found out when it is its turn.

    Raises
    ------
    IntegrityError
        If a ledger or manifest in the folder was altered.
    """
    if not anew and (planned := _planned(inputs, folder)):
        return planned
    counts, child = [], Child(memory_mb=memory_mb)
    try:
        for done, source in enumerate(inputs, 1):
            counts.append(_count(child, source, most))
            if report is not None:
                report("counting events of files", done, len(inputs))
    finally:
        child.close()
    return counts


def _planned(inputs: Sequence[str], folder: Path) -> list[int]:
    """What a job in the folder counted in the same inputs; nothing if there is none."""
    if folder.is_dir():
        mine = inputs_sha256(inputs)
        for record in while_runs_end(lambda: records(folder)):
            counts = record.head["order"].get("counts")
            if record.head["order"].get("inputs_sha256") == mine and _are_counts(counts, len(inputs)):
                return list(counts)
    return []


def _are_counts(value: object, length: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == length
        and all(isinstance(count, int) and count >= 0 for count in value)
    )


def _count(child: Child, source: str, most: int | None) -> int:
    try:
        found: int = child.call("argoscope.jobs.tasks:count_events", {"source": source}, path=Path(source))
    except Stopped:
        raise
    except (ArgoscopeError, RuntimeError):
        return 0
    return found if most is None else min(found, most)
