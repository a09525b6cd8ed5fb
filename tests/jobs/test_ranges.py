"""Files whose events are divided among units: the parts are the whole, whatever goes wrong with one."""

from __future__ import annotations

import json
import signal

import h5py
import numpy as np
import pytest

from argoscope.cli.main import main
from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.files.convert import convert
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_events
from argoscope.inference.predict import predict_file
from argoscope.jobs import worker
from argoscope.jobs.plan import Plan, Unit
from argoscope.jobs.status import status_of
from argoscope.jobs.worker import MOST_BAD_EVENTS, Limits, Task

ADDRESS = "root://far.org//x.root"


@pytest.fixture
def five(tmp_path):
    """A file of five events."""
    path = tmp_path / "five.h5"
    write_events(path, [drawn_event(number) for number in range(5)])
    return path


@pytest.fixture
def two(tmp_path):
    """A file of two events."""
    path = tmp_path / "two.h5"
    write_events(path, [drawn_event(number) for number in (7, 8)])
    return path


def records_of(*paths):
    found = []
    for path in paths:
        with Larcv3File(path) as file:
            found += [file.record(index) for index in range(len(file))]
    return found


def rows_of(folder, name="manifest.json"):
    return json.loads((folder / name).read_text())["files"]


@pytest.mark.parametrize("each", [1, 3, 7])
def test_units_are_every_event_of_every_input_once_and_in_order(each):
    counts = np.random.default_rng(3).integers(0, 12, 40).tolist()
    inputs = [f"in/{number}.root" for number in range(40)]
    plan = Plan(target="", inputs=inputs, counts=counts, each=each)
    units = [plan[index] for index in range(len(plan))]
    assert [unit.index for unit in units] == list(range(len(plan)))
    assert len({unit.output for unit in units}) == len(plan)
    for source, count in zip(inputs, counts, strict=True):
        parts = [unit for unit in units if unit.source == source]
        assert [event for unit in parts for event in range(unit.first, unit.first + unit.events)] == [
            *range(count)
        ]
        assert all(unit.events == each for unit in parts[:-1])
        assert count or [(unit.first, unit.events) for unit in parts] == [(0, 0)]


@pytest.mark.parametrize("each", [0, -1])
def test_a_range_has_an_event(each):
    with pytest.raises(InvalidArgument, match="at least 1"):
        Plan(target="", inputs=["x.h5"], counts=[3], each=each)


def test_converted_parts_are_the_converted_file(five, two, tmp_path):
    folder = tmp_path / "out"
    assert main(["convert", str(five), str(two), str(folder), "--events-per-file", "2"]) == 0
    names = [f"five-{number:07d}.h5" for number in range(3)] + ["two-0000000.h5"]
    assert sorted(path.name for path in folder.glob("*.h5")) == names
    convert(five, tmp_path / "whole.h5")
    assert records_of(*[folder / name for name in names[:3]]) == records_of(tmp_path / "whole.h5")
    assert [(row["first_event"], row["events"]) for row in rows_of(folder)] == [
        (0, 2),
        (2, 2),
        (4, 1),
        (0, 2),
    ]
    with Larcv3File(folder / names[2]) as file:
        assert file.header.provenance["configuration"]["first_event"] == 4


def test_predicted_parts_are_the_predicted_file(five, make_model, tmp_path):
    folder, model = tmp_path / "out", make_model()
    command = ["predict", str(five), "-m", str(model), "-o", str(folder), "--events-per-file", "3", "-n", "4"]
    assert main(command) == 0
    predict_file(five, tmp_path / "whole.h5", model=str(model))
    parts = records_of(folder / "five-0000000.h5", folder / "five-0000001.h5")
    assert parts == records_of(tmp_path / "whole.h5")[:4]
    assert [row["events"] for row in rows_of(folder)] == [3, 1]
    (folder / "five-0000001.h5").unlink()
    assert main([*command, "--resume"]) == 0
    assert records_of(folder / "five-0000000.h5", folder / "five-0000001.h5") == parts
    assert main([*command[:-1], "5", "--resume"]) == 2, "another number of events is another job"


def test_an_event_that_cannot_be_read_costs_its_range_that_event_alone(five, tmp_path, capfd):
    with h5py.File(five, "r+") as file:
        wire = file["Data/sparse2d_wire_group"]
        pixels = wire["voxels"][:]
        pixels["id"][wire["voxel_extents"]["first"][3 * 3]] = 2**60
        wire["voxels"][:] = pixels
    folder = tmp_path / "out"
    assert (
        main(
            [
                "convert",
                str(five),
                str(folder),
                "--events-per-file",
                "2",
                "--scheme",
                "track-shower",
                "--lossy",
            ]
        )
        == 4
    )
    assert "left out, event 3" in capfd.readouterr().err
    assert [row["events"] for row in rows_of(folder)] == [2, 1, 1]
    assert [row.get("events_set_aside", []) != [] for row in rows_of(folder)] == [False, True, False]
    assert status_of(folder)["events_set_aside"] == 1


def test_a_file_that_cannot_be_opened_is_one_unit_and_set_aside(five, tmp_path, capfd):
    bad, folder = tmp_path / "bad.h5", tmp_path / "out"
    bad.write_bytes(b"no file of events")
    assert main(["convert", str(bad), str(five), str(folder), "--events-per-file", "3"]) == 4
    assert "bad.h5 is neither HDF5 nor ROOT" in capfd.readouterr().err
    assert [row["input"] for row in rows_of(folder) if "error" in row] == [str(bad)]
    assert (status_of(folder)["units"], status_of(folder)["done"]) == (3, 2)


def test_a_file_that_is_gone_or_shorter_than_it_was_changes_no_plan(five, two, tmp_path, capfd):
    folder = tmp_path / "out"
    command = ["convert", str(five), str(two), str(folder), "--events-per-file", "1"]
    assert main([*command, "--shard", "0/2"]) == 0
    two.write_bytes(b"no file of events")
    write_events(five, [drawn_event(0), drawn_event(1)], overwrite=True)
    assert main([*command, "--shard", "1/2"]) == 4
    said = capfd.readouterr().err
    assert "event (=3) must be one of the 2" in said
    assert "two.h5" in said
    assert status_of(folder)["units"] == 7
    failed = [row["unit"] for row in rows_of(folder, "manifest-1-of-2.json") if "error" in row]
    assert failed == [3, 5]


def test_a_range_that_the_file_no_longer_fills_is_refused(five, tmp_path, capfd):
    folder = tmp_path / "out"
    command = ["convert", str(five), str(folder), "--events-per-file", "4"]
    assert main([*command, "--shard", "1/2"]) == 0
    write_events(five, [drawn_event(0), drawn_event(1)], overwrite=True)
    assert main([*command, "--shard", "0/2"]) == 3
    assert "has fewer events than when the job was planned (4 from 0 on)" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("inputs", "output", "words"),
    [([ADDRESS], "out", f"{ADDRESS} is not on this machine"), (["five.h5"], "out.h5", "must be a folder")],
)
def test_what_cannot_be_divided_is_refused_first(inputs, output, words, five, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    assert main(["convert", *inputs, output, "--events-per-file", "2"]) == 2
    assert words in capfd.readouterr().err
    assert not (tmp_path / output).exists()


class Reading:
    """Stands for a child that reads events, some of which cannot be read, and dies of others."""

    def __init__(self, events, damaged=(), deadly=()):
        self.events, self.damaged, self.deadly = events, set(damaged), set(deadly)

    def call(self, _target, asked, *, progress, **_):
        end = self.events if asked["end"] is None else asked["end"]
        for event in range(asked["first"], end):
            progress("reading event", 0.0, event, end)
            if event in self.deadly:
                raise UnreadableFile("the library crashed")
            if event in self.damaged:
                return {"event": event, "why": "damaged"}
        return {"event": end, "why": None}


def unreadable(child, tmp_path, first=0, events=0):
    unit = Unit(0, "x.h5", str(tmp_path / "x.root"), first=first, events=events)
    task = Task(
        unit=unit, target="", options={}, folder=str(tmp_path), label="", base=str(tmp_path), limits=Limits()
    )
    return [event for event, _ in worker._unreadable(child, task, tmp_path)]


def test_events_that_cannot_be_read_are_all_found_those_before_a_crash_too(tmp_path):
    child = Reading(9, damaged=[1, 2, 6], deadly=[4, 8])
    assert unreadable(child, tmp_path) == [1, 2, 4, 6, 8]
    assert unreadable(child, tmp_path, first=3, events=5) == [4, 6]
    assert unreadable(child, tmp_path, first=1, events=2) == [], "none that can be read: set aside whole"
    assert unreadable(Reading(9), tmp_path) == []
    many = Reading(2 * MOST_BAD_EVENTS + 5, damaged=range(0, 2 * MOST_BAD_EVENTS + 5, 2))
    assert unreadable(many, tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_inputs_are_counted_is_a_stop_too(tmp_path, monkeypatch, capfd, number):
    """A farm tries a stopped job (75) again, and none that died of the signal."""
    for name in "ab":
        write_events(tmp_path / f"{name}.h5", [drawn_event(0)])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("argoscope.jobs.counts._count", lambda *_: signal.raise_signal(number))
    assert main(["convert", "a.h5", "b.h5", "out", "--events-per-file", "1", "--shard", "0/2"]) == 75
    assert "go on with --resume" in capfd.readouterr().err
