"""The rows for `validate` hold, and their statistics suffice."""

from __future__ import annotations

from argoscope.simulation import cosmic_checks, generator_checks
from argoscope.simulation.check_rows import Row, imprecise


def require(rows: list[Row], count: int) -> None:
    """Every row holds, with errors below a third of the tolerance, and has a name of its own."""
    assert len({row["quantity"] for row in rows}) == len(rows) == count
    assert not [row for row in rows if not row["ok"] or imprecise(row)]


def test_cosmics_hold() -> None:
    require(cosmic_checks.rows(), 32)


def test_cosmics_hold_with_fewer_events() -> None:
    require(cosmic_checks.rows(quick=True), 31)


def test_neutrinos_hold() -> None:
    require(generator_checks.rows(), 19)


def test_neutrinos_hold_with_fewer_events() -> None:
    require(generator_checks.rows(quick=True), 19)
