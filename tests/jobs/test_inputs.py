"""Inputs that are damaged in the middle, or lie elsewhere."""

from __future__ import annotations

import h5py
import pytest

from argoscope.cli.main import main
from argoscope.drawn import drawn_event
from argoscope.errors import UnreadableFile
from argoscope.files.convert import convert
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_events
from argoscope.jobs import run
from argoscope.jobs.plan import Plan, Shard
from argoscope.jobs.run import here, run_job
from argoscope.jobs.staging import staged
from argoscope.jobs.status import status_of
from tests.jobs.test_run import QUICK, rows, stopping_after


@pytest.fixture
def damaged(tmp_path):
    """Five events, the second of which has a pixel outside its image."""
    path = tmp_path / "damaged.h5"
    write_events(path, [drawn_event(number) for number in range(5)])
    with h5py.File(path, "r+") as file:
        wire = file["Data/sparse2d_wire_group"]
        rows_ = wire["voxels"][:]
        rows_["id"][wire["voxel_extents"]["first"][3]] = 2**60
        wire["voxels"][:] = rows_
    return path


def test_an_event_that_cannot_be_read_is_left_out_and_listed(damaged, tmp_path):
    whole = tmp_path / "whole.h5"
    write_events(whole, [drawn_event(0)])
    plan = Plan(target="tests.jobs.probes:read", inputs=[str(damaged), str(whole)])
    summary = run_job(plan, tmp_path / "out", here, limits=QUICK)
    assert (summary.done, summary.failed, summary.events_set_aside) == (2, 0, 1)
    row = rows(tmp_path / "out")[0]
    assert (tmp_path / "out" / "damaged.h5").read_text() == "0 2 3 4"
    assert (row["events"], row["attempts"]) == (4, 2)
    (aside,) = row["events_set_aside"]
    assert aside["event"] == 1
    assert "damaged.h5" in aside["error"]


def test_what_two_manifests_say_of_a_unit_counts_once(damaged, tmp_path):
    plan = Plan(target="tests.jobs.probes:read", inputs=[str(damaged)])
    for shard in (Shard(0, 2), Shard()):
        run_job(plan, tmp_path / "out", here, shard=shard, limits=QUICK, resume=True)
    assert len(list((tmp_path / "out").glob("manifest*.json"))) == 2
    assert status_of(tmp_path / "out")["events_set_aside"] == 1


def test_lost_events_are_said_by_every_later_run(damaged, tmp_path, monkeypatch, capfd):
    """Stopped and resumed, resumed with nothing left to do, a shard run twice, and asked for how the job stands."""
    whole, folder = tmp_path / "whole.h5", tmp_path / "out"
    write_events(whole, [drawn_event(0)])
    command = ["convert", str(damaged), str(whole), str(folder), "--scheme", "track-shower", "--lossy"]
    with monkeypatch.context() as patched:
        patched.setattr(run, "here", stopping_after(1))
        assert main(command) == 75
    assert main(["status", str(folder)]) == 4
    for _ in range(2):
        assert main([*command, "--resume"]) == 4
        assert f"1 events are left out of files, see {folder}" in capfd.readouterr().out
    assert main(["status", str(folder)]) == 4
    for shard, code in (("0/2", 4), ("0/2", 4), ("1/2", 0)):
        assert main([*command, "--shard", shard]) == code
    # Made anew of an input that was mended, by the shard: the older manifest of the whole counts for nothing.
    (folder / "damaged.h5").unlink()
    write_events(damaged, [drawn_event(0)], overwrite=True)
    assert main([*command, "--shard", "0/2"]) == 0
    assert main([*command, "--resume"]) == 0
    assert main(["status", str(folder)]) == 0


@pytest.mark.parametrize("shards", [(Shard(), Shard(0, 2)), (Shard(0, 2), Shard())])
def test_an_output_is_compared_with_what_was_said_of_it_last(shards, tmp_path):
    source, folder = tmp_path / "x.txt", tmp_path / "out"
    plan = Plan(target="tests.jobs.probes:write", inputs=[str(source)])
    for number, shard in enumerate(shards):
        source.write_text(str(number))
        (folder / "x.h5").unlink(missing_ok=True)
        run_job(plan, folder, here, shard=shard, limits=QUICK, resume=True)
    assert (folder / "x.h5").read_text() == "unit 1\n"
    assert status_of(folder, verify=True)["damaged"] == []


def test_a_conversion_without_some_events_keeps_the_others_as_they_are(tmp_path):
    source, part, whole = (tmp_path / name for name in ("in.h5", "part.h5", "whole.h5"))
    write_events(source, [drawn_event(number) for number in range(4)])
    convert(source, whole)
    assert convert(source, part, skip=[0, 2])["events"] == 2
    with Larcv3File(part) as file, Larcv3File(whole) as other:
        assert [file.record(index) for index in range(2)] == [other.record(index) for index in (1, 3)]
    assert convert(source, part, skip=[0, 2], resume=True)["events"] == 2


def fetching(folder, monkeypatch, text):
    """A program that stands for XRootD's."""
    program = folder / "bin" / "xrdcp"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def test_a_file_that_lies_elsewhere_is_fetched_once(tmp_path, monkeypatch):
    # The arguments: --nopbar --silent -- SOURCE TARGET.
    fetching(tmp_path, monkeypatch, f'echo "$4" >> {tmp_path}/asked; echo 7 > "$5"')
    address = "root://far.org//store/x.h5?xrd.wantprot=unix"
    assert staged("near.h5", tmp_path) == "near.h5"
    for _ in range(2):
        with open(staged(address, tmp_path)) as stream:  # noqa: PTH123 - a text path is what it gives
            assert stream.read() == "7\n"
    assert (tmp_path / "asked").read_text() == f"{address}\n"
    plan = Plan(target="tests.jobs.probes:write", inputs=[address])
    assert run_job(plan, tmp_path / "out", here, limits=QUICK).done == 1
    assert (tmp_path / "out" / "x.h5").read_text() == "unit 7\n"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["manifest.json", "x.h5"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("echo no such file >&2; exit 54", "could not be fetched: no such file"), (None, "xrdcp, which is")],
)
def test_a_file_that_does_not_come_is_said(tmp_path, monkeypatch, text, words):
    if text is None:
        monkeypatch.setenv("PATH", str(tmp_path))
    else:
        fetching(tmp_path, monkeypatch, text)
    with pytest.raises(UnreadableFile, match=words):
        staged("root://far.org//x.h5", tmp_path)
    assert not list(tmp_path.glob("input-*"))
