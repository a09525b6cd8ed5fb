"""Instances and the veto through the command line: JSON as promised, tables for people, one-line errors."""

from __future__ import annotations

import inspect
import json
import re

import pytest

from argoscope.analyses.instance_blocks import METRICS, Rules
from argoscope.analyses.simulated_flash import SimulatedFlashTagger
from argoscope.analyses.veto import DEFAULT_CUT
from argoscope.analyses.veto import Rules as VetoRules
from argoscope.cli import instances, select
from argoscope.cli.main import main
from tests.instance_files import event, with_prediction, write


@pytest.fixture
def predicted(tmp_path):
    records = [with_prediction(event(n, neutrino=n < 2)) for n in range(4)]
    return str(write(tmp_path / "predicted.h5", records))


def answer(capfd, *arguments):
    assert main(list(arguments)) == 0, capfd.readouterr().err
    return json.loads(capfd.readouterr().out)


def test_the_json_of_instances(predicted, tmp_path, capfd):
    found = answer(capfd, "evaluate", "instances", predicted, "--json")
    for block in (
        found["overall"],
        found["pooled"],
        found["classes"]["neutrino"],
        found["baseline_dbscan"]["overall"],
    ):
        assert all(set(block[name]) == {"value", "low", "high"} for name in METRICS)
    assert found["overall"]["efficiency"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert len(found["events"]) == 4
    assert "68.3%" in found["interval"]


def test_the_json_of_the_veto(predicted, capfd):
    found = answer(
        capfd, "evaluate", "veto", predicted, "--eps", "3", "--min-points", "4", "--flash", "--json"
    )
    assert set(found["roc"][0]) == {"cut", "efficiency", "rejection", "signal_to_background"}
    assert [point["point"] for point in found["working_points"]] == [
        "X = 130", "efficiency 90.2%", "efficiency 80.1%",
    ]  # fmt: skip
    assert [tagger["provenance"] for tagger in found["taggers"]] == [
        "network",
        "truth-simulated",
        "truth-simulated",
    ]
    assert found["rules"] == {"eps": 3.0, "min_points": 4, "cosmic_score": 0.2}


def test_tables_for_people(predicted, tmp_path, capfd):
    assert main(["evaluate", "instances", predicted, "--figures", str(tmp_path / "figures")]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith("4 events, 12 true and 12 predicted instances")
    assert lines[1].split() == ["per", "event", "pooled", "cosmic", "neutrino", "DBSCAN", "alone"]
    assert lines[2].split()[:2] == ["efficiency", "1.0000"]
    assert (tmp_path / "figures" / "event.png").exists()
    assert main(["evaluate", "veto", predicted, "--flash", "--figures", str(tmp_path / "veto")]) == 0
    printed = capfd.readouterr().out
    assert "sim. flash (truth-smeared): truth-simulated" in printed
    assert "Wire-Cell" not in printed
    assert "cut for at least 80.1% of nue, the network removes" in printed
    assert "nue kept: alone " in printed
    assert {path.name for path in (tmp_path / "veto").glob("*.png")} == {
        "roc-nue.png", "roc-low-energy.png", "largest-0.png", "largest-1.png", "largest-2.png",
    }  # fmt: skip


def test_the_scan_of_clusterings_is_printed(predicted, capfd):
    assert main(["evaluate", "veto", predicted, "--eps", "3", "--min-points", "4", "--scan"]) == 0
    lines = capfd.readouterr().out.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("other clusterings of what network"))
    rows = [line.split()[:2] for line in lines[start + 2 :]]
    assert len(rows) == 16
    assert (rows[0], rows[-1]) == (["3", "3"], ["15", "20"])


@pytest.mark.parametrize(
    "option", [["--eps-in", "0.8"], ["--f-out", "0.1"], ["--rho", "0"], ["--extra-vetoes"]]
)
def test_options_of_the_flash_need_it(predicted, capfd, option):
    assert main(["evaluate", "veto", predicted, *option]) == 2
    assert re.search(rf"{option[0]} \(=.*\) is of --flash, which is not given", capfd.readouterr().err)


def test_select_veto_writes_a_skim(predicted, tmp_path, capfd):
    output = tmp_path / "kept.h5"
    found = answer(capfd, "select", "veto", predicted, "-o", str(output), "--cut", "20", "--json")
    assert [row["event"] for row in found["kept"]] == [0, 1]
    assert main(["select", "veto", predicted, "-o", str(output)]) == 2
    assert "kept.h5" in capfd.readouterr().err
    assert main(["select", "veto", predicted, "-o", str(output), "--overwrite"]) == 0
    assert capfd.readouterr().out.splitlines()[-1].startswith("0 events: ")


def test_errors_are_one_line(predicted, tmp_path, capfd):
    assert main(["evaluate", "instances", predicted, "--least-score", "2"]) == 2
    error = capfd.readouterr().err
    assert "least_score (=2.0) must be from 0 to 1" in error
    assert len(error.strip().splitlines()) == 1


def test_defaults_of_options_are_those_of_the_library():
    def default(command, name):
        return inspect.signature(command).parameters[name].default

    assert default(instances.evaluate_instances, "least_score") == Rules.least_score
    assert default(instances.evaluate_instances, "least_pixels") == Rules.least_pixels
    for command in (instances.evaluate_veto, select.veto):
        assert default(command, "eps") == VetoRules.eps
        assert default(command, "min_points") == VetoRules.min_points
    assert default(select.veto, "cut") == DEFAULT_CUT
    for name in ("eps_in", "f_out", "rho", "extra_vetoes"):
        assert default(instances.evaluate_veto, name) == getattr(SimulatedFlashTagger, name)
