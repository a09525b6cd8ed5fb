"""A job ends with every unit done once or set aside with its reason, whatever happens on the way."""

from __future__ import annotations

import json
from itertools import islice

import pytest

from argoscope.cli.main import main
from argoscope.drawn import drawn_event
from argoscope.errors import IntegrityError, InvalidArgument, Stopped, StorageError, UnreadableFile
from argoscope.files.larcv3_write import write_events
from argoscope.jobs import ledger, run
from argoscope.jobs.ledger import Ledger, note_lines, output_in, states_of
from argoscope.jobs.plan import Plan, Shard, parse_shard
from argoscope.jobs.run import here, run_job
from argoscope.jobs.status import status_of
from argoscope.jobs.worker import Limits

QUICK = Limits(memory_mb=400, retries=1, stall_seconds=2.0, threads=0)


def plan_of(count: int, **how) -> Plan:
    return Plan(target="tests.jobs.probes:write", name="out", events=count, each=1, options=how)


def contents(folder):
    return {path.name: path.read_text() for path in folder.glob("*.h5")}


def expected(count: int):
    return {f"out-{unit:07d}.h5": f"unit {unit}\n" for unit in range(count)}


def rows(folder, name="manifest.json"):
    return json.loads((folder / name).read_text())["files"]


def no_engine(tasks):
    """What works on nothing, and must not be asked to."""
    assert next(tasks, None) is None
    yield from ()


def test_each_unit_is_made_once_and_stands_in_the_manifest(tmp_path):
    log = tmp_path / "log"
    folder = tmp_path / "out"
    plan = plan_of(5, log=str(log))
    summary = run_job(plan, folder, here, limits=QUICK)
    assert (summary.done, summary.failed, summary.kept) == (5, 0, 0)
    assert contents(folder) == expected(5)
    assert sorted(path.name for path in folder.iterdir()) == sorted([*expected(5), "manifest.json"])
    assert [row["unit"] for row in rows(folder)] == list(range(5))
    assert log.read_text().split() == [str(n) for n in range(5)]
    assert run_job(plan, folder, no_engine, limits=QUICK, resume=True).kept == 5
    assert [row["unit"] for row in rows(folder)] == list(range(5))
    with pytest.raises(InvalidArgument, match="exists: go on with --resume"):
        run_job(plan, folder, no_engine)


def test_a_job_without_units_has_an_empty_manifest(tmp_path):
    assert run_job(plan_of(0), tmp_path / "out", no_engine).done == 0
    assert rows(tmp_path / "out") == []


def test_units_that_go_wrong_are_tried_again_or_set_aside_and_the_rest_completes(tmp_path):
    """A crash, a hang, a bug, memory without bounds, a full disk: of one unit each, the worker replaced."""
    folder = tmp_path / "out"
    plan = plan_of(9, crash=[1], hang=[2], grow=[3], bug=[4], full_once=[5], crash_once=[6], bad=[7])
    summary = run_job(plan, folder, here, limits=QUICK)
    assert (summary.done, summary.failed) == (4, 5)
    assert contents(folder) == {name: text for name, text in expected(9).items() if name[10] in "0568"}
    why = {row["unit"]: row.get("error", "") for row in rows(folder)}
    for unit, words in {
        1: "crashed the library (SIGABRT)", 2: "made no progress for 2 s", 3: "more than the 400 MB it may",
        4: "bug of argoscope: ZeroDivisionError", 7: "the input is damaged",
    }.items():  # fmt: skip
        assert words in why[unit]
    assert [row["attempts"] for row in rows(folder)] == [1, 2, 2, 2, 2, 2, 2, 2, 1]
    assert not list(folder.glob(".job*"))
    status = status_of(folder, verify=True)
    assert (status["done"], status["failed"], status["left"], status["damaged"]) == (4, 5, 0, [])
    # What was set aside is tried once more by the next run; mended, it is done.
    again = run_job(plan, folder, here, limits=QUICK, resume=True)
    assert (again.done, again.failed, again.kept) == (4, 5, 4)


@pytest.mark.parametrize(
    ("kinds", "done", "code"),
    [
        (["StorageError", "UnreadableFile"], 0, 6),
        (["StorageError", "InvalidArgument"], 0, 6),
        (["StorageError"], 0, 6),
        (["StorageError", "UnreadableFile"], 1, 6),
        (["InvalidArgument"], 0, 2),
        (["InvalidArgument", "UnreadableFile"], 0, 3),
        (["UnreadableFile"], 0, 3),
        (["InvalidArgument"], 1, 4),
    ],
)
def test_the_exit_code_says_whether_another_try_may_help(kinds, done, code, tmp_path, monkeypatch):
    def engine(tasks):
        for number, task in enumerate(tasks):
            if number < len(kinds):
                yield {"unit": task.unit.index, "error": "it failed", "kind": kinds[number]}
            else:
                yield from here(iter([task]))

    monkeypatch.setattr(run, "here", engine)
    command = ["simulate", "cube-192", "-n", str(len(kinds) + done), "--events-per-file", "1"]
    assert main([*command, "-o", str(tmp_path / "out")]) == code


def stopping_after(count):
    def engine(tasks):
        yield from here(islice(tasks, count))
        raise Stopped("stopped")

    return engine


def test_a_run_that_died_goes_on_where_it_was(tmp_path):
    log, folder = tmp_path / "log", tmp_path / "out"
    plan = plan_of(6, log=str(log))
    for _ in range(2):
        with pytest.raises(Stopped):
            run_job(plan, folder, stopping_after(2), limits=QUICK, resume=True)
    status = status_of(folder)
    assert (status["done"], status["left"], status["running"]) == (4, 2, [".job"])
    assert not (folder / "manifest.json").exists()
    run_job(plan, folder, here, limits=QUICK, resume=True)
    assert contents(folder) == expected(6)
    assert log.read_text().split() == [str(n) for n in range(6)], "nothing was made twice"


def test_a_line_that_was_cut_short_counts_for_nothing(tmp_path):
    folder, plan = tmp_path / "out", plan_of(4)
    with pytest.raises(Stopped):
        run_job(plan, folder, stopping_after(3), limits=QUICK)
    path = folder / ".job" / "ledger.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    assert states_of(folder, plan.order).tolist() == [1, 1, 0, 0]
    run_job(plan, folder, here, limits=QUICK, resume=True)
    assert [row["unit"] for row in rows(folder)] == [0, 1, 2, 3]


def test_an_output_that_vanished_is_made_again_and_one_that_changed_is_found(tmp_path):
    folder, plan = tmp_path / "out", plan_of(3)
    run_job(plan, folder, here, limits=QUICK)
    (folder / "out-0000001.h5").unlink()
    (folder / "out-0000002.h5").write_text("unit 3\n")
    assert status_of(folder, verify=True)["damaged"] == ["out-0000002.h5"]
    assert main(["status", str(folder), "--verify"]) == 5
    (folder / "out-0000002.h5").unlink()
    assert run_job(plan, folder, here, limits=QUICK, resume=True).kept == 1
    assert contents(folder) == expected(3)


def test_another_job_is_refused_and_overwritten_only_when_asked(tmp_path):
    folder = tmp_path / "out"
    run_job(plan_of(2), folder, here, limits=QUICK)
    with pytest.raises(
        InvalidArgument, match=r"another job: options.seconds \(nothing in the file, 0.0 asked for\)"
    ):
        run_job(plan_of(2, seconds=0.0), folder, no_engine, resume=True)
    run_job(plan_of(1, seconds=0.0), folder, here, limits=QUICK, overwrite=True)
    assert len(rows(folder)) == 1


def test_shards_make_the_whole_whatever_their_number_and_order(tmp_path):
    log, folder = tmp_path / "log", tmp_path / "out"
    plan = plan_of(7, log=str(log))
    for shard in (Shard(2, 3), Shard(0, 3), Shard(2, 3)):
        run_job(plan, folder, here, shard=shard, limits=QUICK)
    status = status_of(folder)
    assert (status["done"], status["left"], status["running"]) == (5, 2, [])
    assert [row["unit"] for row in rows(folder, "manifest-2-of-3.json")] == [2, 5]
    run_job(plan, folder, here, limits=QUICK, resume=True)
    assert contents(folder) == expected(7)
    assert sorted(log.read_text().split()) == [str(n) for n in range(7)]
    with pytest.raises(InvalidArgument, match="do not go together"):
        run_job(plan, folder, no_engine, shard=Shard(0, 2), overwrite=True)


@pytest.mark.parametrize("text", ["3/3", "1", "-1/3", "0/0", "a/b", "1/3/5", "1" * 30 + "/2"])
def test_a_share_that_is_none_is_refused(text):
    with pytest.raises(InvalidArgument, match="shard"):
        parse_shard(text)


def test_two_processes_do_not_share_a_ledger(tmp_path):
    plan = plan_of(2)

    def engine(tasks):
        with pytest.raises(InvalidArgument, match="another process works on this job"):
            run_job(plan, tmp_path / "out", no_engine, resume=True)
        yield from here(tasks)

    run_job(plan, tmp_path / "out", engine, limits=QUICK)


def test_files_that_vanish_on_the_way_are_named(tmp_path):
    inputs = []
    for number in range(4):
        inputs.append(str(tmp_path / f"in{number}.txt"))
        (tmp_path / f"in{number}.txt").write_text(str(number))
    plan = Plan(target="tests.jobs.probes:write", inputs=inputs)

    def engine(tasks):
        for number, note in enumerate(here(tasks)):
            (tmp_path / "in2.txt").unlink(missing_ok=True) if number == 0 else None
            yield note

    summary = run_job(plan, tmp_path / "out", engine, limits=QUICK)
    assert (summary.done, summary.failed) == (3, 1)
    (failed,) = [row for row in rows(tmp_path / "out") if "error" in row]
    assert failed["input"] == inputs[2]
    assert "No such file" in failed["error"]


def test_a_ledger_that_the_disk_refuses_is_written_later(tmp_path):
    """A full disk is of some units: the rest completes. The disk may take a part of a line, too."""
    (tmp_path / "out").mkdir()
    book = Ledger(tmp_path / "out", "", {"order": {}})
    stream, room = book._stream, [7, 0, 1000, 1000]

    class Filling:
        def write(self, content):
            if not (left := room.pop(0)):
                raise OSError(28, "No space left on device")
            return stream.write(content[:left])

    book._stream = Filling()
    for unit in range(3):
        book.append({"unit": unit})
    book._stream = stream
    book.append({"unit": 3})
    book.close()
    assert [note["unit"] for _, note in note_lines(book.path)] == [0, 1, 2, 3]


def test_a_folder_that_takes_no_files_ends_the_run_in_one_sentence(tmp_path):
    with pytest.raises(StorageError, match="could not be written"):
        run_job(plan_of(1), tmp_path.__class__("/proc/none"), no_engine)


@pytest.mark.parametrize("name", ["../x.h5", "/etc/passwd", "a/b.h5", "..", "", 7, None, "x\0.h5"])
def test_a_manifest_cannot_name_a_file_elsewhere(tmp_path, name):
    folder, plan = tmp_path / "out", plan_of(1)
    run_job(plan, folder, here, limits=QUICK)
    path = folder / "manifest.json"
    whole = json.loads(path.read_text())
    whole["files"][0]["output"] = name
    text = json.dumps({key: value for key, value in whole.items() if key != "files"})
    path.write_text(f'{text[:-1]}, "files": [\n{json.dumps(whole["files"][0])}\n]}}\n')
    with pytest.raises(IntegrityError, match="no name of a file in that folder"):
        status_of(folder, verify=True)
    with pytest.raises(IntegrityError):
        output_in(folder, name)


@pytest.mark.parametrize("text", ["", "{}", "[]", "\0" * 50, '{"order": 5, "files": [\n]}', "[" * 100_000])
def test_a_manifest_that_was_altered_is_refused(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(IntegrityError, match="no manifest of a job"):
        status_of(tmp_path)


def test_a_folder_without_a_job_is_said(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(UnreadableFile, match="has no manifest of a job"):
            status_of(folder)


def test_a_million_units_are_numbers_until_their_turn():
    plan = plan_of(1_000_000)
    assert len(plan) == 1_000_000
    assert plan[999_999].output == "out-0999999.h5"
    assert list(islice(Shard(3, 1000).units(len(plan)), 2)) == [3, 1003]
    assert plan.order["units"] == 1_000_000


def test_two_inputs_of_one_name_are_refused():
    with pytest.raises(InvalidArgument, match="two inputs are called 'x'"):
        Plan(target="", inputs=["a/x.root", "b/y.root", "root://far//c/x.h5"])


def test_lines_that_are_no_units_are_passed_over(tmp_path):
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"order": {}}\n\n[1]\n{"unit": "a"}\n{"unit": 3, "x": 1}\n{"unit": 4')
    assert [note["unit"] for _, note in note_lines(path)] == [3]


def test_inputs_are_never_replaced_by_outputs(tmp_path, capfd):
    """A shard goes on by itself, and --overwrite removes: neither may touch what it reads."""
    for name in ("a.h5", "b.h5"):
        write_events(tmp_path / name, [drawn_event(0)])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    inputs = [str(tmp_path / name) for name in before]
    for options in (["--shard", "0/2"], ["--overwrite"], ["--resume"]):
        assert main(["convert", *inputs, str(tmp_path), *options]) == 2
        assert "is the folder of inputs" in capfd.readouterr().err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_shard_takes_no_file_of_another_origin_for_its_output(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "out-0000001.h5").write_text("mine")
    with pytest.raises(InvalidArgument, match=r"out-0000001.h5 exists"):
        run_job(plan_of(3), tmp_path / "out", no_engine, shard=Shard(0, 2))
    assert (tmp_path / "out" / "out-0000001.h5").read_text() == "mine"


def test_a_job_begun_anew_leaves_nothing_of_the_old_one(tmp_path):
    folder = tmp_path / "out"
    run_job(plan_of(3), folder, here, limits=QUICK)
    run_job(plan_of(2, bad=[1]), folder, here, limits=QUICK, overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "out-0000000.h5"]


def test_a_job_at_work_is_not_begun_anew(tmp_path):
    def engine(tasks):
        with pytest.raises(InvalidArgument, match="another process works on the job"):
            run_job(plan_of(2), tmp_path / "out", no_engine, overwrite=True)
        yield from here(tasks)

    assert run_job(plan_of(2), tmp_path / "out", engine, limits=QUICK).done == 2


def test_a_folder_is_read_anew_where_a_run_ended_meanwhile(tmp_path, monkeypatch):
    """Its ledger was listed, and is a manifest when it is opened."""
    folder, plan = tmp_path / "out", plan_of(4)
    run_job(plan, folder, here, shard=Shard(0, 2), limits=QUICK)
    gone, head, listed = folder / ".job-1-of-2" / ledger.LEDGER, ledger._head, []

    def vanishing(path):
        if not listed:
            listed.append(path)
            raise FileNotFoundError(gone)
        return head(path)

    monkeypatch.setattr(ledger, "_head", vanishing)
    assert status_of(folder)["done"] == 2
    listed.clear()
    run_job(plan, folder, here, shard=Shard(1, 2), limits=QUICK)
    assert status_of(folder)["done"] == 4


def test_an_output_that_was_cut_is_found(tmp_path):
    folder = tmp_path / "out"
    run_job(plan_of(3), folder, here, limits=QUICK)
    (folder / "out-0000001.h5").write_text("un")
    status = status_of(folder, verify=True)
    assert (status["left"], status["damaged"]) == (1, ["out-0000001.h5"])


def test_the_only_shard_goes_on_as_any_other(tmp_path):
    command = ["simulate", "cube-192", "-n", "2", "--events-per-file", "1", "-o", str(tmp_path / "out")]
    for _ in range(2):
        assert main([*command, "--shard", "0/1"]) == 0


def test_a_vanished_input_stops_neither_a_shard_nor_a_run_that_goes_on(tmp_path, capfd):
    inputs = [tmp_path / name for name in ("a.h5", "b.h5")]
    for path in inputs:
        write_events(path, [drawn_event(0)])
    command = ["convert", *map(str, inputs), str(tmp_path / "out")]
    assert main(command) == 0
    inputs[0].unlink()
    assert main([*command, "--resume"]) == 0
    (tmp_path / "out" / "b.h5").unlink()
    assert main([*command, "--resume"]) == 0
    assert main([*command[:-1], str(tmp_path / "other"), "--shard", "0/1"]) == 4
    assert "a.h5 does not exist" in capfd.readouterr().err


def test_names_in_any_encoding_are_names():
    assert len(Plan(target="", inputs=["caf\udce9.h5"]).order["inputs_sha256"]) == 64


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--resume", "--overwrite"], "choose one"),
        (["--shard", "0/2", "--workers", "2"], "leave --workers out"),
        (["--trust-network"], "goes with --scheduler"),
    ],
)
def test_options_without_effect_are_refused(options, words, tmp_path, capfd):
    command = ["simulate", "cube-192", "-n", "2", "--events-per-file", "1", "-o", str(tmp_path / "out")]
    assert main([*command, *options]) == 2
    assert words in capfd.readouterr().err
