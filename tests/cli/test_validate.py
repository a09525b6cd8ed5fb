"""`validate` through its arguments: rows, verdicts, exit codes, progress as groups finish."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from argoscope.cli.main import main
from argoscope.simulation import validation
from argoscope.simulation.check_rows import Row, row, sampled_row


@pytest.fixture
def toy_checks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Two groups of rows that take no time, one of which has a failed row; the calls are kept."""
    called: list[tuple[str, bool]] = []

    def good(*, quick: bool) -> list[Row]:
        called.append(("good", quick))
        values = np.array([1.0, 2.0, 3.0, 2.0])
        return [sampled_row("mean [cm]", values, 2.0, 0.5 if quick else 2.0, "toy")]

    def bad(*, quick: bool) -> list[Row]:
        called.append(("bad", quick))
        return [row("right", 1.0, 1.0, 0.1, "toy"), row("wrong", 2.0, 1.0, 0.1, "toy")]

    monkeypatch.setattr(validation, "CHECKS", {"good": good, "bad": bad})
    return called


def test_json_is_one_document_of_rows_and_counts(
    toy_checks: list[tuple[str, bool]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", "--json"]) == 0
    captured = capsys.readouterr()
    answer = json.loads(captured.out)
    assert {name: answer[name] for name in ("failed", "imprecise")} == {"failed": 1, "imprecise": 0}
    assert [found["group"] for found in answer["rows"]] == ["good", "bad", "bad"]
    expected = {"group", "quantity", "value", "reference", "tolerance", "ok", "source"}
    assert set(answer["rows"][1]) == expected
    assert set(answer["rows"][0]) == expected | {"error"}
    assert answer["rows"][0]["error"] == pytest.approx(np.sqrt(0.5) / 2)


def test_progress_names_each_group_before_and_after_it(
    toy_checks: list[tuple[str, bool]], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["validate", "--json"])
    lines = capsys.readouterr().err.splitlines()
    assert lines[::2] == ["checking good (1 of 2)", "checking bad (2 of 2)"]
    assert re.fullmatch(r"good: 1 rows, 0 outside, \d+ s", lines[1])
    assert re.fullmatch(r"bad: 2 rows, 1 outside, \d+ s", lines[3])


def test_rows_are_printed_as_their_group_finishes(
    toy_checks: list[tuple[str, bool]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*, quick: bool) -> list[Row]:
        raise KeyboardInterrupt

    monkeypatch.setitem(validation.CHECKS, "bad", broken)
    assert main(["validate"]) == 130
    said = capsys.readouterr()
    assert said.err.endswith("argoscope: interrupted; nothing was left half written\n")
    assert said.out.split() == ["ok", "mean", "[cm]", "2", "(0.4)", "2", "+-", "2", "toy"]


def test_ctrl_c_within_a_kernel_is_no_bug(
    toy_checks: list[tuple[str, bool]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*, quick: bool) -> list[Row]:
        raise SystemError("a kernel returned a result with an exception set") from KeyboardInterrupt()

    monkeypatch.setitem(validation.CHECKS, "bad", broken)
    assert main(["validate"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_people_read_a_line_for_each_row_and_a_summary(
    toy_checks: list[tuple[str, bool]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", "--quick"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["ok", "ok", "FAIL"]
    assert lines[3] == "3 rows, 1 outside their tolerance, 1 with a statistical error above a third of it"
    assert toy_checks == [("good", True), ("bad", True)]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [([], 0), (["--strict"], 4), (["--strict", "--json"], 4), (["--strict", "--only", "good"], 0)],
)
def test_failed_rows_change_the_exit_code_only_when_strict(
    toy_checks: list[tuple[str, bool]], capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    assert main(["validate", *arguments]) == code
    assert capsys.readouterr().out  # the rows are printed all the same


def test_only_takes_groups_once_each(
    toy_checks: list[tuple[str, bool]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", "--only", "bad", "--only", "good", "--only", "bad"]) == 0
    assert toy_checks == [("bad", False), ("good", False)]


def test_an_unknown_group_is_refused_before_anything_runs(
    toy_checks: list[tuple[str, bool]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", "--only", "good", "--only", "gods"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "argoscope: there are no checks 'gods'. Did you mean 'good'?\n"
    assert toy_checks == []


def test_help_names_every_group_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--help"]) == 0
    text = " ".join(re.sub(r"[│╭╮╰╯─]", " ", capsys.readouterr().out).split())
    assert all(name in text for name in validation.CHECKS)
    assert "Exit with 4 if a row fails" in text
    assert "Example: argoscope validate" in text


def test_a_real_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--only", "neutrinos", "--quick", "--strict"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 20
    assert lines[-1] == "19 rows, 0 outside their tolerance"
