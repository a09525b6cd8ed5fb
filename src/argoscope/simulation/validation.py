"""All checks of the simulation against its references, as one table.

A row holds a quantity, its value, its reference with tolerance and source, and
the verdict. Every part of the chain has its own checks; here they are joined.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from argoscope.errors import require_known
from argoscope.simulation import (
    cosmic_checks,
    generator_checks,
    image_checks,
    response_checks,
    transport_checks,
)
from argoscope.simulation.check_rows import Row, imprecise

__all__ = ["CHECKS", "validate"]

CHECKS: dict[str, Callable[..., list[Row]]] = {
    "transport": transport_checks.rows,
    "cosmics": cosmic_checks.rows,
    "neutrinos": generator_checks.rows,
    "response": response_checks.rows,
    "images": image_checks.rows,
}
"""Every group of checks."""


def validate(
    *,
    only: Sequence[str] | None = None,
    quick: bool = False,
    report: Callable[[str], None] | None = None,
    finished: Callable[[list[Row]], None] | None = None,
) -> dict[str, Any]:
    """Run the checks.

    Parameters
    ----------
    only : sequence of str, optional
        Names of groups in `CHECKS`; all by default.
    quick : bool
        Less statistics: for a first look, not for a verdict.
    report : callable, optional
        Told which group is running, and what came of it.
    finished : callable, optional
        Given the rows of each group as soon as it is done.

    Returns
    -------
    dict
        ``rows``, each with group, quantity, value, reference, tolerance, ok, source and, where it is
        known, the statistical error; how many of them ``failed``; how many are ``imprecise``, with an
        error above a third of the tolerance.

    Raises
    ------
    InvalidArgument
        If a group is unknown; the message names the nearest.

    Examples
    --------
    >>> validate(only=["neutrinos"], quick=True)["failed"]
    0
    """
    wanted = list(dict.fromkeys(only or CHECKS))
    for name in wanted:
        require_known(name, CHECKS, "there are no checks")
    say = report or (lambda _: None)
    rows: list[Row] = []
    for number, name in enumerate(wanted, start=1):
        say(f"checking {name} ({number} of {len(wanted)})")
        start = time.monotonic()
        found = [{"group": name, **row} for row in CHECKS[name](quick=quick)]
        failed = sum(not row["ok"] for row in found)
        say(f"{name}: {len(found)} rows, {failed} outside, {time.monotonic() - start:.0f} s")
        if finished is not None:
            finished(found)
        rows += found
    return {
        "rows": rows,
        "failed": sum(not row["ok"] for row in rows),
        "imprecise": sum(imprecise(row) for row in rows),
    }
