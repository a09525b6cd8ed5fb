"""Kill a run at random moments, go on, compare with an undisturbed one."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import h5py
import numpy as np

__all__ = ["Process", "datasets", "killed_runs"]


class Process(Protocol):
    """A run in another process."""

    def kill(self) -> None:
        """End it with SIGKILL."""

    def ended(self, seconds: float | None = None) -> int | None:
        """Exit code, after waiting for so long at most; None while it runs."""


def datasets(path: Path) -> dict[str, tuple[str, bytes]]:
    """Type and bytes of every dataset under ``/Events`` and ``/Data``: what equal runs have the same."""
    found: dict[str, tuple[str, bytes]] = {}

    def visit(name: str, node: object) -> None:
        if isinstance(node, h5py.Dataset):
            found[name] = str(node.dtype), np.asarray(node[()]).tobytes()

    with h5py.File(path) as file:
        for group in ("Events", "Data"):
            file[group].visititems(lambda name, node, group=group: visit(f"{group}/{name}", node))
    return found


def killed_runs(
    start: Callable[[Path, bool], Process],
    content: Callable[[Path], Any | None],
    folder: Path,
    *,
    kills: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Kill a run at as many moments, and finish it each time.

    The undisturbed run is made twice: kernels are compiled in the first. A moment that comes after the end, as runs are
    not equally fast, is drawn again, once for each kill at most.

    Parameters
    ----------
    start : callable
        ``start(folder, again)`` starts the run in a folder, the second time to go on.
    content : callable
        What of the folder's output must be equal, None while it is not there; an error means that it is broken.
    folder : Path
        Where the runs' folders are made.
    kills : int
    rng : Generator
        Draws the moments, uniform over the time that the second undisturbed run took.

    Returns
    -------
    dict
        ``kills`` that hit the run, ``late`` (it had ended before), ``broken`` (outputs under their final name that were
        not the undisturbed run's, right after a kill), ``unfinished`` (runs that did not go on), ``different`` (from the
        undisturbed run in the end), ``seconds`` of the undisturbed run.

    Raises
    ------
    RuntimeError
        If an undisturbed run fails, or the two are not equal.
    """
    expected, _ = _undisturbed(start, content, folder / "first")
    again, seconds = _undisturbed(start, content, folder / "second")
    if again != expected:
        raise RuntimeError("two undisturbed runs have different outputs")
    answer: dict[str, Any] = {"kills": 0, "late": 0, "broken": 0, "unfinished": 0, "different": 0}
    while answer["kills"] < kills and answer["late"] < kills:
        place = folder / f"killed-{answer['kills']}-{answer['late']}"
        place.mkdir()
        process = start(place, False)
        hit = process.ended(float(rng.uniform(0, seconds))) is None
        process.kill()
        answer["kills" if hit else "late"] += 1
        answer["broken"] += not _whole(content, place, expected)
        answer["unfinished"] += start(place, True).ended(3600) != 0
        answer["different"] += content(place) != expected
    return {**answer, "seconds": seconds}


def _undisturbed(
    start: Callable[[Path, bool], Process], content: Callable[[Path], Any | None], folder: Path
) -> tuple[Any, float]:
    """What a run makes that is left alone, and the seconds it takes."""
    folder.mkdir()
    begun = time.monotonic()
    code = start(folder, False).ended(3600)
    seconds = time.monotonic() - begun
    made = content(folder)
    if code != 0 or made is None:
        raise RuntimeError(f"the undisturbed run ended with {code}")
    return made, seconds


def _whole(content: Callable[[Path], Any | None], place: Path, expected: Any) -> bool:
    """Whether what has its final name is whole, right after a kill."""
    try:
        found = content(place)
    except Exception:  # unreadable in whatever way
        return False
    return found is None or found == expected
