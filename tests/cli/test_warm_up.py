"""`warm-up` through its arguments: what was compiled, where it is kept, and one document with --json."""

from __future__ import annotations

import json

import pytest

from argoscope import kernels
from argoscope.cli.main import main

ANSWER = {
    "parts": [
        {"name": "engine", "compiled": ["a.one", "a.two"], "loaded": 3, "seconds": 1.25},
        {"name": "simulation", "compiled": [], "loaded": 4, "seconds": 0.5},
    ],
    "seconds": 1.75,
    "folders": ["/cache/a", "/cache/b"],
}


@pytest.fixture
def answered(monkeypatch):
    """Let the command give this answer."""

    def give(**changes):
        monkeypatch.setattr(kernels, "compile_kernels", lambda _report: {**ANSWER, **changes})

    return give


def test_json_is_the_answer(answered, capsys):
    answered()
    assert main(["warm-up", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == ANSWER


def test_people_read_what_was_compiled_and_where_it_is(answered, capsys):
    answered()
    assert main(["warm-up"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "engine      2 kernels compiled, 3 loaded, 1.2 s",
        "simulation  0 kernels compiled, 4 loaded, 0.5 s",
        "in all      2 compiled, 1.8 s",
        "kept in     /cache/a, /cache/b",
    ]


def test_a_cache_that_cannot_be_written_is_said_with_the_remedy(answered, capsys):
    answered(folders=[])
    assert main(["warm-up"]) == 0
    assert "nowhere: no folder can be written; set NUMBA_CACHE_DIR" in capsys.readouterr().out
