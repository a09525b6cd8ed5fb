"""`argoscope reproduce` through its arguments."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from argoscope.cli.main import main
from argoscope.papers.paper4 import PAPER


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["paper4", "--scale", "huge", "-o", "out"], "scale (=huge) must be small or full"),
        (["paper4", "--model", "nosuch", "-o", "out"], "there is no model 'nosuch'"),
        (["paper3", "--only", "plane", "-o", "out"], "there is no study 'plane'. Did you mean 'planes'?"),
        (["paper4", "--only", "tabel3", "-o", "out"], "there is no study 'tabel3'. Did you mean 'table3'?"),
    ],
)
def test_mistakes_are_one_line(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["reproduce", *arguments]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_the_answer_is_one_json_document(capsys, tmp_path, monkeypatch, tiny_sizes):
    monkeypatch.setattr("argoscope.papers.paper4.PAPER", replace(PAPER, sizes={"small": tiny_sizes}))
    out = tmp_path / "p4"
    assert main(["reproduce", "paper4", "--only", "sample", "-o", str(out), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["report"] == str(out / "report.html")
    assert main(["reproduce", "paper4", "--only", "sample", "-o", str(out)]) == 2
    capsys.readouterr()
    assert main(["reproduce", "paper4", "--only", "sample", "-o", str(out), "--resume"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(out / "report.html")
