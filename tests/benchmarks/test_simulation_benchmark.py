"""The benchmark of the simulation measures what it says."""

from __future__ import annotations

import pytest

from argoscope.benchmarks import simulation


def test_rows_and_table(monkeypatch) -> None:
    monkeypatch.setattr(simulation, "GOALS", {"cube-192": 100.0})
    monkeypatch.setattr(simulation, "EVENTS", {"cube-192": (10, 10)})
    # A run takes two seconds to start and a hundredth of a second for an event and worker.
    monkeypatch.setattr(simulation, "_written", lambda workers, events: 2.0 + events / 100.0 / workers)
    said: list[str] = []
    rows = simulation.measure(quick=True, report=said.append)
    speed, *_, few, many = rows
    parts = sum(speed[part] for part in ("generator", "transport", "response", "labels"))
    assert parts == pytest.approx(1.0, abs=0.3)  # the parts are timed apart from the whole
    assert speed["best_per_second"] >= speed["median_per_second"] > 0
    assert many["peak_mb"] < few["peak_mb"] + 20  # flat
    assert "memory of 200 cubes" in simulation.table(rows)
    assert "2 worker(s): 200 events/s, 2.0 s to start; 400 events in 4.0 s" in simulation.table(rows)
    assert said[0] == "simulating cube-192"
