"""Cosmic tagging through the command line: JSON as promised, tables for people, one-line errors."""

from __future__ import annotations

import inspect
import json

import pytest

from argoscope.analyses.cosmic_tagging import METRICS
from argoscope.analyses.selection import PAPER_CUTS
from argoscope.cli import evaluate, select
from argoscope.cli.main import main
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_records
from tests.tagged_files import event, predicted_file, random_flips, truth_itself, with_prediction, write

SBND = "sbnd_larcv3_events0-2.h5"
KINDS = ("nue", "cosmic", "numu", "nc")


@pytest.fixture
def predicted(tmp_path):
    records = [
        with_prediction(event(seed, kind=kind, shape=(64, 48), pixels=2000), random_flips, seed)
        for seed, kind in enumerate(KINDS)
    ]
    return write(tmp_path / "predicted.h5", records)


def answer(capfd, *arguments):
    assert main(list(arguments)) == 0, capfd.readouterr().err
    return json.loads(capfd.readouterr().out)


def is_number(value):
    return set(value) == {"value", "low", "high"}


def test_the_json_of_cosmic_tagging(predicted, capfd):
    found = answer(capfd, "evaluate", "cosmic-tagging", str(predicted), "--json")
    blocks = [found[name] for name in ("paper", "strict", "full_resolution", "baseline_all_cosmic")]
    for block in blocks:
        assert all(is_number(block[name]) for name in METRICS)
        assert all(0 <= block[name]["low"] <= block[name]["high"] <= 1 for name in METRICS)
    assert len(found["events"]) == 4
    assert set(found["events"][0]["planes"][0]) == {"projection", "pixels", *METRICS}
    assert "68.3%" in found["interval"]
    assert found["models"] == ["toy"]


def test_the_json_of_the_selection(predicted, capfd):
    found = answer(
        capfd,
        "evaluate",
        "selection",
        str(predicted),
        "--least-pixels",
        "5",
        "--most-separation",
        "9",
        "--centre",
        "median",
        "--json",
    )
    assert set(found["efficiency"]) == {"nue", "numu", "nc"}
    assert is_number(found["cosmic_rejection"])
    assert found["roc"]
    assert found["cuts"] == {"least_pixels": 5, "most_separation": 9.0, "centre": "median"}


def test_people_read_tables_with_the_baseline_and_the_paper_beside(predicted, capfd):
    assert main(["evaluate", "cosmic-tagging", str(predicted)]) == 0
    text = capfd.readouterr().out
    assert "all above 10 cosmic" in text
    assert "neutrino IoU" in text
    assert main(["evaluate", "selection", str(predicted)]) == 0
    text = capfd.readouterr().out
    assert "paper 0, table 3" in text
    assert "0.915" in text
    assert "cosmic rejected" in text


def test_figures_come_with_a_display_of_an_event(predicted, tmp_path, capfd):
    folder = tmp_path / "figures"
    answer(capfd, "evaluate", "cosmic-tagging", str(predicted), "--figures", str(folder), "--json")
    answer(capfd, "evaluate", "selection", str(predicted), "--figures", str(folder), "--json")
    names = {path.stem for path in folder.glob("*.png")}
    assert names == {"energies", "occupancy", "metrics", "iou", "roc", "event"}


def test_select_writes_a_skim_and_says_what_was_cut(predicted, tmp_path, capfd):
    skim, kept = tmp_path / "skim.h5", tmp_path / "kept.txt"
    call = [
        "select",
        "cosmic-tagging",
        str(predicted),
        "-o",
        str(skim),
        "--least-pixels",
        "1",
        "--event-list",
        str(kept),
    ]
    found = answer(capfd, *call, "--json")
    assert found["cut_flow"][0]["events"] == 4
    with Larcv3File(skim) as file:
        assert len(file) == len(found["kept"]) == len(kept.read_text().splitlines())
    assert main(call) == 2
    assert "skim.h5" in capfd.readouterr().err
    assert main([*call, "--overwrite"]) == 0
    assert "neutrino pixels on every plane" in capfd.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        ["evaluate", "cosmic-tagging"],
        ["evaluate", "selection"],
        ["select", "cosmic-tagging", "-o", "never.h5"],
    ],
)
def test_errors_are_one_line_with_the_remedy(command, tmp_path, capfd):
    bare = tmp_path / "bare.h5"
    write_records(bare, [event(0)])
    assert main([*command, str(bare)]) == 2
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "has no predictions: run `argoscope predict`" in captured.err
    assert main([*command, str(tmp_path / "absent.h5")]) == 3


@pytest.mark.parametrize("function", [evaluate.selection, select.cosmic_tagging])
def test_cuts_of_the_command_line_are_the_papers(function):
    """Commands start without the analyses, so the numbers stand there once more."""
    defaults = {name: p.default for name, p in inspect.signature(function).parameters.items()}
    assert defaults["least_pixels"] == PAPER_CUTS.least_pixels
    assert defaults["most_separation"] == PAPER_CUTS.most_separation
    assert defaults["centre"] == PAPER_CUTS.centre == "mean"


@pytest.mark.real
def test_a_real_event_is_shown_with_truth_prediction_and_difference(real_data, tmp_path, capfd):
    path = predicted_file(tmp_path / "predicted.h5", real_data / SBND, truth_itself)
    found = answer(capfd, "display", str(path), "-e", "1", "-o", str(tmp_path / "event.png"), "--json")
    assert found["layers"] == ["origin", "prediction", "difference"]
    counts = found["classes"][0]
    assert counts["origin"] == counts["prediction"]
    assert (
        counts["difference"]["missed"]
        == counts["difference"]["false"]
        == counts["difference"]["confused"]
        == 0
    )
    assert counts["difference"]["right"] == counts["origin"]["cosmic"] + counts["origin"]["neutrino"]
