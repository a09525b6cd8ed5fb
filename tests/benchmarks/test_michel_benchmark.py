"""The benchmark of Michel electrons measures what it says."""

from __future__ import annotations

from argoscope.benchmarks import michel
from argoscope.inference.robustness import GAINS


def test_rows_and_table(monkeypatch) -> None:
    monkeypatch.setattr(michel, "EVENTS", {True: 3, False: 300})
    monkeypatch.setattr(michel, "CURVE_EVENTS", {True: 1, False: 200})
    said: list[str] = []
    rows = michel.measure(quick=True, report=said.append)
    assert said[0] == "simulating 3 events of cube-192"
    assert [(row["name"], row["events"], row["points"]) for row in rows] == [
        ("reconstruct", 3, 1), ("evaluate", 3, 1), ("curve", 1, len(GAINS.split(","))),
    ]  # fmt: skip
    assert [row["goal_seconds"] for row in rows] == [0.6, 0.6, 3.0]
    assert all(row["seconds"] > 0 for row in rows)
    assert all(row["name"] in michel.table(rows) for row in rows)
