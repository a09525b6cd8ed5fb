"""A ledger or manifest that was altered is said to be, before memory is taken by its word."""

from __future__ import annotations

import json

import pytest

from argoscope.cli.main import main
from argoscope.errors import InvalidArgument
from argoscope.jobs import run
from argoscope.jobs.run import here, run_job
from argoscope.jobs.status import status_of
from tests.jobs.test_run import QUICK, no_engine, plan_of, rows

COMMAND = ["simulate", "cube-192", "-n", "2", "--events-per-file", "1", "-o"]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """The text of the manifest of a job of two files, and the folder with these."""
    folder = tmp_path_factory.mktemp("simulated") / "out"
    assert main([*COMMAND, str(folder)]) == 0
    return (folder / "manifest.json").read_text(), folder


def altered(text, change):
    """A manifest with its head and its first note changed."""
    whole = json.loads(text)
    notes = whole.pop("files")
    change(whole, notes[0])
    lines = ",\n".join(map(json.dumps, notes))
    return f'{json.dumps(whole)[:-1]}, "files": [\n{lines}\n]}}\n'


def with_order(**values):
    return lambda head, _: head["order"].update(values)


def with_note(**values):
    return lambda _, note: note.update(values)


@pytest.mark.parametrize(
    "change",
    [
        *[with_order(units=units) for units in ("x", -3, None, True, 2.0, 2e13, 3e10, 10**9, 10**30)],
        lambda head, _: head["order"].pop("units"),
        *[with_order(counts=counts, each=1) for counts in (5, [2.0], [-2, 2], [10**18], [10**30], ["2"])],
        *[with_order(counts=[2], each=each) for each in (0, "1", None)],
        *[with_note(events_set_aside=aside) for aside in (5, None, {}, [5], [{}], [{"event": "1", "error": ""}])],
        with_note(events_set_aside=[{"event": 1}]),
        with_note(error=5),
        with_note(error=None),
        with_note(bytes="7"),
        with_note(events=[1]),
        with_note(ended="now"),
        with_note(unit=2),
        with_note(unit=-1),
    ],
)  # fmt: skip
def test_an_altered_manifest_ends_in_one_sentence(change, simulated, capfd):
    text, folder = simulated
    (folder / "manifest.json").write_text(altered(text, change))
    for command in (["status", str(folder)], [*COMMAND, str(folder), "--resume"]):
        assert main(command) == 5
        said = capfd.readouterr().err
        assert str(folder / "manifest.json") in said
        assert "altered" in said
        assert "remove it, and begin the job with --overwrite" in said


def test_an_unaltered_manifest_is_none_of_these(simulated):
    text, folder = simulated
    (folder / "manifest.json").write_text(altered(text, lambda *_: None))
    assert main(["status", str(folder)]) == 0
    assert main([*COMMAND, str(folder), "--resume"]) == 0


def test_an_output_that_is_gone_is_not_done_where_its_size_is_not_said(tmp_path):
    folder = tmp_path / "out"
    run_job(plan_of(2), folder, here, limits=QUICK)
    path = folder / "manifest.json"
    path.write_text(altered(path.read_text(), lambda _, note: note.pop("bytes")))
    (folder / "out-0000000.h5").unlink()
    assert (status_of(folder)["done"], status_of(folder)["left"]) == (1, 1)


def test_a_job_is_no_larger_than_its_manifest_may_say(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "MOST_UNITS", 3)
    assert run_job(plan_of(3), tmp_path / "three", here, limits=QUICK).done == 3
    assert len(rows(tmp_path / "three")) == 3
    with pytest.raises(InvalidArgument, match="a job of 4 files is too large, 3 is the most"):
        run_job(plan_of(4), tmp_path / "four", no_engine)
    assert not (tmp_path / "four").exists()
