"""`argoscope warm-up`: compile the kernels once."""

from __future__ import annotations

from typing import Any

from argoscope.cli.output import Json, print_json, print_rows, progress_reporter

__all__ = ["warm_up"]


def warm_up(
    json: Json = False,
) -> None:
    """Compile the kernels of networks and simulation, and keep them on disk.

    Without it the first network and the first simulated event wait for them: minutes in all. On a
    batch farm, run it once where the jobs read the package from, or with NUMBA_CACHE_DIR set to a
    folder that all of them can read.

    Example: argoscope warm-up
    """
    from argoscope.kernels import compile_kernels

    with progress_reporter() as report:
        answer = compile_kernels(report)
    if json:
        print_json(answer)
    else:
        print_rows(_rows(answer))


def _rows(answer: dict[str, Any]) -> list[tuple[str, str]]:
    rows = [(part["name"], _said(len(part["compiled"]), part)) for part in answer["parts"]]
    total = sum(len(part["compiled"]) for part in answer["parts"])
    kept = ", ".join(answer["folders"]) or (
        "nowhere: no folder can be written; set NUMBA_CACHE_DIR to one that can"
    )
    return [*rows, ("in all", f"{total} compiled, {answer['seconds']:.1f} s"), ("kept in", kept)]


def _said(compiled: int, part: dict[str, Any]) -> str:
    return f"{compiled} kernels compiled, {part['loaded']} loaded, {part['seconds']:.1f} s"
