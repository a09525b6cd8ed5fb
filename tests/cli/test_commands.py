"""The commands through their argument lists: answers, exit codes, one-line errors, nothing half written."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from rich.text import Text
from typer.main import get_command

from argoscope.cli.main import app, main
from argoscope.drawn import drawn_event
from argoscope.files.catalogue import open_events
from argoscope.files.larcv3_write import write_events

SBND = "sbnd_larcv3_events0-2.h5"


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    write_events(tmp_path / "drawn.h5", [drawn_event(0), drawn_event(1)])
    return tmp_path / "drawn.h5"


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    """JSON answer of a command that must succeed and print nothing else."""
    assert main(list(arguments)) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def failure(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit code and one-line error of a command that must fail."""
    code = main(list(arguments))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1, captured.err
    assert captured.err.startswith("argoscope: ")
    return code, captured.err.strip()


@pytest.mark.real
def test_info_of_the_sbnd_sample(real_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = answer(capsys, "info", str(real_data / SBND), "--json")
    assert (facts["format"], facts["events"], facts["planes"]) == ("larcv3", 3, 3)
    assert facts["active"][0] == [23223, 23171, 10084]
    assert set(facts["products"]) == {
        "sparse2d_sbndwire",
        "sparse2d_sbnd_cosmicseg",
        "cluster2d_sbndsegmerged",
        "cluster2d_sbndneutrino",
        "particle_sbndneutrino",
    }
    assert facts["classes"]["origin"] == {"background": 89959, "cosmic": 70289, "neutrino": 15481}


def test_info_prints_for_people_and_for_programs(drawn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = answer(capsys, "info", str(drawn), "--json", "--verify")
    assert facts["detector"] == "microboone"
    assert facts["checksums"] > 10
    assert main(["info", str(drawn)]) == 0
    text = capsys.readouterr().out
    assert re.search(r"plane 2 +3456 x 1008 pixels, 0\.\d+% with charge", text)
    assert re.search(r"semantic +MIP \d+", text)


def test_info_sets_bad_files_aside(drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.h5").write_bytes(b"not a detector file")
    assert main(["info", str(drawn), str(tmp_path / "bad.h5"), "--json"]) == 4
    captured = capsys.readouterr()
    good, bad = json.loads(captured.out)
    assert good["path"] == str(drawn)
    assert bad["path"].endswith("bad.h5")
    assert "neither HDF5 nor ROOT" in bad["error"]
    assert "bad.h5 is neither HDF5 nor ROOT" in captured.err


def test_convert_to_larcv3_keeps_everything_and_says_how(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.h5"
    facts = answer(capsys, "convert", str(drawn), str(out), "--json")
    assert (facts["from"], facts["to"], facts["events"]) == ("larcv3", "larcv3", 2)
    with open_events(out) as ours, open_events(drawn) as theirs:
        assert [ours.event(n) for n in range(2)] == [theirs.event(n) for n in range(2)]
        provenance = ours.describe().provenance
    assert provenance["inputs"][0]["bytes"] == drawn.stat().st_size
    assert len(provenance["inputs"][0]["sha256"]) == 64


def test_convert_relabels_only_when_asked_to_lose(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.h5"
    code, message = failure(capsys, "convert", str(drawn), str(out), "--scheme", "track-shower")
    assert code == 2
    assert "merges or drops classes" in message
    assert not out.exists()
    answer(capsys, "convert", str(drawn), str(out), "--scheme", "track-shower", "--lossy", "--json")
    facts = answer(capsys, "info", str(out), "--json")
    assert set(facts["classes"]["semantic"]) == {"track", "shower"}


@pytest.mark.parametrize("suffix", ["h5", "parquet", "root"])
def test_export_writes_a_row_for_every_pixel(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    out = tmp_path / f"table.{suffix}"
    facts = answer(capsys, "export", str(drawn), "-o", str(out), "--json")
    names = ["entry", "run", "subrun", "event", "plane", "wire", "tick", "charge", "instance", "semantic"]
    assert facts["columns"] == names
    columns = read_table(out)
    with open_events(drawn) as file:
        events = list(file)
    assert facts["rows"] == sum(event.pixels for event in events) == len(columns["charge"])
    np.testing.assert_array_equal(columns["charge"][: len(events[0].images[0])], events[0].images[0].charge)
    rows = (columns["entry"] == 1) & (columns["plane"] == 2)
    np.testing.assert_array_equal(columns["wire"][rows], events[1].images[2].coordinates[:, 0])
    np.testing.assert_array_equal(columns["tick"][rows], events[1].images[2].coordinates[:, 1])


def read_table(path: Path) -> dict[str, np.ndarray]:
    """Read a table with the libraries that users would."""
    if path.suffix == ".h5":
        with h5py.File(path) as file:
            return {name: data[:] for name, data in file["pixels"].items()}
    if path.suffix == ".root":
        uproot = pytest.importorskip("uproot")
        with uproot.open(path) as file:
            return file["pixels"].arrays(library="np")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(path)
    return {name: table[name].to_numpy() for name in table.column_names}


def test_display_makes_a_picture_and_a_page(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(capsys, "display", str(drawn), "-e", "1", "-o", str(tmp_path / "a.png"), "--json")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    answer(capsys, "display", str(drawn), "-o", str(tmp_path / "a.html"), "--json")
    assert "<!doctype html>" in (tmp_path / "a.html").read_text()[:100].lower()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "a.html"], "event 0 of 2 is shown; --last-event 1 shows all"),
        (["-e", "1", "-o", "a.html"], "event 1 of 2 is shown; --event 0 --last-event 1 shows all"),
        (["-e", "1", "-o", "a.png"], "event 1 of 2 is shown; --event N shows another"),
        (["--last-event", "1", "-o", "a.html"], ""),
    ],
)
def test_display_says_that_there_are_more_events(
    drawn: Path,
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(drawn.parent)
    assert main(["display", drawn.name, *arguments]) == 0
    said = capsys.readouterr()
    assert said.out == f"{arguments[-1]}\n"
    assert said.err == (f"argoscope: {words}\n" if words else "")


def test_display_of_the_only_event_says_where_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_events(tmp_path / "one.h5", [drawn_event(0)])
    assert main(["display", str(tmp_path / "one.h5"), "-o", str(tmp_path / "a.html")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'a.html'}\n"


def test_demo_makes_a_page_and_refuses_what_cannot_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ARGOSCOPE_REAL_DATA", raising=False)
    facts = answer(capsys, "demo", "--drawn", "-o", str(tmp_path / "demo"), "--json")
    assert Path(facts["report"]).is_file()
    (sample,) = facts["samples"]
    assert Path(sample["picture"]).is_file()
    assert Path(sample["page"]).is_file()
    assert sample["sample"] == "3 events of drawn.h5"
    code, message = failure(capsys, "demo", "-o", str(tmp_path / "demo"))
    assert code == 2
    assert "--overwrite" in message
    assert main(["demo", "--drawn", "-o", str(tmp_path / "demo"), "--overwrite"]) == 0
    said = capsys.readouterr()
    assert said.out == f"{tmp_path / 'demo' / 'report.html'}\n"
    assert "Drawing tracks across MicroBooNE" in said.err
    code, message = failure(
        capsys, "demo", "--data", str(tmp_path / "none.h5"), "-o", str(tmp_path / "second")
    )
    assert code == 3
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (Path.mkdir, 3, "is a directory: name the files in it"),
        (Path.exists, 3, "does not exist: there is no file in"),
        (lambda p: p.write_bytes(b""), 3, "is empty (0 bytes)"),
        (lambda p: p.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(200)), 3, "cannot be opened as HDF5"),
        (lambda p: p.write_bytes(b"root" + bytes(400)), 3, ""),
        (os.mkfifo, 3, "is no regular file"),
    ],
    ids=["directory", "missing", "empty", "broken-hdf5", "broken-root", "pipe"],
)  # fmt: skip
def test_unreadable_inputs_exit_with_3_and_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: object, code: int, words: str
) -> None:
    path = tmp_path / "input.h5"
    make(path)
    for command in (["info", str(path)], ["convert", str(path), str(tmp_path / "out.h5")]):
        got, message = failure(capsys, *command)
        assert got == code
        assert words in message
        assert "input.h5" in message
    assert not (tmp_path / "out.h5").exists()


def test_truncated_and_growing_files(drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short = tmp_path / "short.h5"
    short.write_bytes(drawn.read_bytes()[:-5000])
    code, message = failure(capsys, "info", str(short))
    assert code == 3
    assert "is truncated" in message
    with h5py.File(tmp_path / "growing.h5", "w") as file:
        file["Events/event_id"] = np.zeros(0)
        code, message = failure(capsys, "info", str(tmp_path / "growing.h5"))
    assert code == 3
    assert "still being written" in message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_permissions_are_named(drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn.chmod(0)
    code, message = failure(capsys, "info", str(drawn))
    assert code == 3
    assert "may not be read by this user" in message


def test_outputs_that_cannot_be_written(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, message = failure(capsys, "convert", str(drawn), str(tmp_path / "none" / "out.h5"))
    assert code == 6
    assert "does not exist: make it first" in message
    (tmp_path / "there.h5").write_text("mine")
    code, message = failure(capsys, "convert", str(drawn), str(tmp_path / "there.h5"))
    assert code == 2
    assert (tmp_path / "there.h5").read_text() == "mine"
    code, message = failure(capsys, "export", str(drawn), "-o", str(tmp_path / "table.csv"))
    assert code == 2
    assert message.count(".parquet") == 1
    assert "must end in .h5, .root, .parquet" in message
    long = tmp_path / f"{'x' * 300}.h5"
    for command in (
        ["convert", str(drawn), str(long)],
        ["simulate", "cube-192", "--events-per-file", "1", "-o", str(long)[:-3]],
    ):
        code, message = failure(capsys, *command)
        assert code == 6
        assert message.endswith(f"{command[-1]}: File name too long")


def test_device_is_no_output(drawn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, message = failure(capsys, "convert", str(drawn), "/dev/null", "--overwrite")
    assert code == 2
    assert "is no regular file" in message
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    "command", [["convert", "out.h5"], ["export", "-o", "out.h5"], ["export", "-o", "out.root"]]
)
def test_write_that_the_system_refuses_leaves_nothing(drawn: Path, command: list[str]) -> None:
    # A limit of 8 kB on the size of a file stands for the full disk: the same call fails in the same place.
    argoscope = Path(sys.executable).with_name("argoscope")
    line = f"ulimit -f 8; exec {argoscope} {command[0]} drawn.h5 {' '.join(command[1:])}"
    done = subprocess.run(["bash", "-c", line], cwd=drawn.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 6, done.stderr
    assert done.stderr.count("\n") == 1
    assert "could not be written" in done.stderr
    assert [path.name for path in drawn.parent.iterdir()] == ["drawn.h5"]


def test_damage_found_by_verify_exits_with_5(drawn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with h5py.File(drawn, "r+") as file:
        charge = file["Data/sparse2d_wire_group/voxels"]
        rows = charge[:]
        rows["value"][0] += 1
        charge[:] = rows
    code, message = failure(capsys, "info", str(drawn), "--verify")
    assert code == 5
    assert "does not match its checksum" in message
    assert main(["info", str(drawn)]) == 0


def test_unknown_words_are_answered_with_the_nearest(drawn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inof", str(drawn)]) == 2
    assert "Did you mean 'info'?" in " ".join(capsys.readouterr().err.split())
    code, message = failure(capsys, "convert", str(drawn), "x.h5", "--to", "larcv")
    assert code == 2
    assert "Did you mean 'larcv3'?" in message
    code, message = failure(capsys, "convert", str(drawn), "x.h5", "--scheme", "five-clas")
    assert code == 2
    assert "Did you mean 'five-class'?" in message
    code, message = failure(capsys, "display", str(drawn), "-e", "7", "-o", "x.png")
    assert code == 2
    assert "must be one of the 2" in message


def test_debug_adds_the_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(tmp_path / "none.h5"), "--debug"]) == 3
    captured = capsys.readouterr().err
    assert "Traceback" in captured
    assert captured.strip().splitlines()[-1].startswith("argoscope: ")


def commands_below(command: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """A command and all below it, with their names."""
    yield names, command
    for name, each in getattr(command, "commands", {}).items():
        yield from commands_below(each, (*names, name))


COMMANDS = list(commands_below(get_command(app)))
LEAVES = [(names, command) for names, command in COMMANDS if not hasattr(command, "commands")]
GROUPS = [(names, command) for names, command in COMMANDS if names and hasattr(command, "commands")]


@pytest.mark.parametrize(("names", "command"), LEAVES, ids=lambda value: getattr(value, "name", None))
def test_every_command_has_help_an_example_and_json(names: tuple[str, ...], command: Any) -> None:
    assert f"Example: argoscope {' '.join(names)} " in f"{command.help} "
    options = [name for option in command.params for name in option.opts]
    assert "--json" in options
    nameless = [o.name for o in command.params if not o.help]
    assert not nameless


@pytest.mark.parametrize(("names", "command"), GROUPS, ids=lambda value: getattr(value, "name", None))
def test_every_group_has_an_example_of_one_of_its_commands(names: tuple[str, ...], command: Any) -> None:
    found = re.search(rf"Example: argoscope {' '.join(names)} (\S+) ", f"{command.help} ")
    assert found, command.help
    assert found[1] in command.commands


@pytest.mark.parametrize(("names", "command"), COMMANDS, ids=lambda value: getattr(value, "name", None))
def test_no_brackets_of_a_help_text_are_taken_for_markup(names: tuple[str, ...], command: Any) -> None:
    for text in (command.help, *(option.help for option in command.params)):
        assert Text.from_markup(text or "").plain == (text or "").replace("\\[", "["), names


def test_extra_of_geant4_stands_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--help"]) == 0
    assert "argoscope[geant4]" in capsys.readouterr().out


@pytest.mark.parametrize(("names", "command"), GROUPS, ids=lambda value: getattr(value, "name", None))
def test_file_in_the_place_of_a_command_is_answered_with_the_commands(
    names: tuple[str, ...], command: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(word: str) -> str:
        assert main([*names, word]) == 2
        return re.sub(r"[\s│]+", " ", capsys.readouterr().err)

    answered = said("x.h5")
    assert f"A command stands before the file: argoscope {' '.join(names)} COMMAND x.h5" in answered
    assert all(name in answered for name in command.commands)
    known = next(iter(command.commands))
    assert f"Did you mean {known!r}?" in said(f"{known}l")


def test_options_of_the_same_name_have_the_same_short_form() -> None:
    short: dict[str, set[str]] = {}
    for _, command in LEAVES:
        for option in command.params:
            for long in (name for name in option.opts if name.startswith("--")):
                short.setdefault(long, set()).add(" ".join(n for n in option.opts if not n.startswith("--")))
            assert not option.secondary_opts, option.name
    assert {name: forms for name, forms in short.items() if len(forms) > 1} == {}


def test_the_installed_command_answers() -> None:
    command = Path(sys.executable).with_name("argoscope")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == "argoscope 0.1.0\n"


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let children hear Ctrl-C even where the suite runs in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("command", "codes"),
    [(["convert", "out.h5"], {75}), (["export", "-o", "out.parquet"], {130, -signal.SIGTERM})],
)
def test_interrupt_leaves_nothing_half_written(
    tmp_path: Path, command: list[str], codes: set[int], how: signal.Signals
) -> None:
    """What a farm may stop ends with 75, to be tried again."""
    event = drawn_event(0)
    write_events(tmp_path / "many.h5", (event for _ in range(300)))
    argoscope = Path(sys.executable).with_name("argoscope")
    running = subprocess.Popen(
        [argoscope, command[0], "many.h5", *command[1:]], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    while not list(tmp_path.glob(".out.*.part")):
        assert running.poll() is None, "the command ended before it could be interrupted"
        time.sleep(0.01)
    running.send_signal(how)
    error = running.communicate(timeout=60)[1]
    assert running.returncode in codes
    assert "Traceback" not in error
    deadline = time.monotonic() + 30
    while list(tmp_path.glob(".out.*.part")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [path.name for path in tmp_path.iterdir()] == ["many.h5"]


def test_files_of_the_user_do_not_stand_in_for_libraries(drawn: Path) -> None:
    (drawn.parent / "h5py.py").write_text("raise SystemExit('not the library')")
    argoscope = Path(sys.executable).with_name("argoscope")
    done = subprocess.run(
        [argoscope, "info", "drawn.h5"], cwd=drawn.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_answer_that_cannot_be_printed(drawn: Path) -> None:
    if not Path("/dev/full").is_char_device():
        pytest.skip("this system has no /dev/full")
    argoscope = Path(sys.executable).with_name("argoscope")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [argoscope, "info", str(drawn), "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 6, done.stderr
    assert "could not be written" in done.stderr


def test_labels_are_never_taken_for_charge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_events(tmp_path / "a.h5", [drawn_event(0)])
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        del file["argoscope"]
        del file["Data/sparse2d_wire_group"]
    facts = answer(capsys, "info", str(tmp_path / "a.h5"), "--json")
    assert facts["surveyed"] == 0
    assert "is known to be the charge" in facts["note"]
    code, message = failure(capsys, "export", str(tmp_path / "a.h5"), "-o", str(tmp_path / "t.h5"))
    assert code == 3
    assert "roles={'charge': PRODUCT}" in message
