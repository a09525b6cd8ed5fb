"""Measurements in a process of their own; what they measure is tested with the studies that ask for them."""

from __future__ import annotations

import pytest

from argoscope.errors import Stopped
from argoscope.papers import measuring
from argoscope.papers.measuring import apart, cost_of
from argoscope.papers.study import Context


def test_the_process_is_given_every_argument_and_the_answer_has_its_memory(tmp_path, monkeypatch):
    asked, told = [], []
    answer = {"result": {"seconds": 2.0, "voxels": 7.0}, "peak_mb": 1500.0, "process_mb": 1800.0}
    monkeypatch.setattr(measuring, "peak_of", lambda statement: asked.append(statement) or answer)
    context = Context(tmp_path, "small", report=lambda *progress: told.append(progress))
    found = apart(context, "a plane", cost_of, {"kind": "uresnet"}, "a 'file'.h5", (1, 2))
    assert found == {"seconds": 2.0, "voxels": 7.0, "gb": 1.5, "process_gb": 1.8}
    assert told == [("measuring a plane", 0, 1)]
    given = {}
    statement = asked[0].replace(
        "from argoscope.papers.measuring import cost_of", "cost_of = lambda *all: all"
    )
    exec(statement, given)  # noqa: S102  # our own code
    assert given["result"] == ({"kind": "uresnet"}, "a 'file'.h5", (1, 2), 1)


def test_who_is_asked_to_stop_measures_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr(measuring, "peak_of", pytest.fail)
    with pytest.raises(Stopped):
        apart(Context(tmp_path, "small", stop=lambda: True), "a plane", cost_of)
