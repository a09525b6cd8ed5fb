"""The benchmark of prediction measures what it says."""

from __future__ import annotations

import pytest

from argoscope.benchmarks import predict


@pytest.mark.slow
def test_rows_and_table(monkeypatch) -> None:
    monkeypatch.setattr(predict, "EVENTS", {True: 2})
    monkeypatch.setattr(predict, "NETWORK", {"kind": "uresnet", "dimensions": 2, "filters": 2, "depth": 2})
    said: list[str] = []
    [row] = predict.measure(quick=True, report=said.append)
    assert said[:2] == ["simulating 2 events of microboone", "memory"]
    assert row["events"] == 2
    assert row["planes"] % 2 == 0
    assert row["ratio_range"][0] <= row["ratio"] <= row["ratio_range"][1]
    # A network of two filters takes less than the reading and writing beside it.
    assert 0 < row["ratio"] < 1
    assert row["predict_per_second"] < row["network_per_second"]
    assert 50 < row["peak_mb"] < 500
    assert f"{row['ratio']:.2f}" in predict.table([row])
