"""The rows for `validate`: all hold, and a rate off by 5 % is seen."""

from __future__ import annotations

from argoscope.simulation import cosmic_checks, generator_checks

KEYS = {"quantity", "value", "reference", "tolerance", "ok", "source"}


def test_cosmics_hold() -> None:
    rows = cosmic_checks.rows(quick=True)
    assert len(rows) == 30
    assert all(set(row) == KEYS for row in rows)
    assert not [row for row in rows if not row["ok"]]


def test_a_rate_off_by_five_per_cent_is_seen() -> None:
    failed = [row["quantity"] for row in cosmic_checks.rows(quick=True, rate_factor=1.05) if not row["ok"]]
    assert "cosmics, guan, microboone: rate [kHz]" in failed
    assert "cosmics, guan, microboone: muons in image and drift" in failed


def test_neutrinos_hold() -> None:
    rows = generator_checks.rows(quick=True)
    assert all(set(row) == KEYS for row in rows)
    assert not [row for row in rows if not row["ok"]]
    assert len({row["quantity"] for row in rows}) == len(rows)
