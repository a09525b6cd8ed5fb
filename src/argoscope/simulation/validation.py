"""All checks of the simulation against its references, as one table.

A row holds a quantity, its value, its reference with tolerance and source, and
the verdict. Every part of the chain has its own checks; here they are joined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from argoscope.errors import InvalidArgument, nearest_hint
from argoscope.simulation import (
    cosmic_checks,
    generator_checks,
    image_checks,
    response_checks,
    transport_checks,
)

__all__ = ["CHECKS", "validate"]

Row = dict[str, Any]

CHECKS: dict[str, Callable[..., Sequence[Mapping[str, Any]]]] = {
    "transport": transport_checks.rows,
    "cosmics": cosmic_checks.rows,
    "neutrinos": generator_checks.rows,
    "response": response_checks.rows,
    "images": image_checks.rows,
}
"""Every group of checks."""


def validate(
    *, only: Sequence[str] | None = None, quick: bool = False, report: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """Run the checks.

    Parameters
    ----------
    only : sequence of str, optional
        Names of groups in `CHECKS`; all by default.
    quick : bool
        Less statistics: for a first look, not for a verdict.
    report : callable, optional
        Told which group is running.

    Returns
    -------
    dict
        ``rows`` (each with quantity, value, reference, tolerance, ok, source) and ``failed``.

    Raises
    ------
    InvalidArgument
        If a group is unknown; the message names the nearest.
    """
    wanted = list(only) if only else list(CHECKS)
    for name in wanted:
        if name not in CHECKS:
            raise InvalidArgument(f"there are no checks {name!r}. {nearest_hint(name, CHECKS)}")
    rows: list[Row] = []
    for name in wanted:
        if report is not None:
            report(f"checking {name}")
        rows += [{**row, "group": name} for row in CHECKS[name](quick=quick)]
    return {"rows": rows, "failed": sum(not row["ok"] for row in rows)}
