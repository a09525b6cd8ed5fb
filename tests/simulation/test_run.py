"""Runs end with the same bytes, whatever the workers and interruptions."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.cli.main import main
from argoscope.errors import ArgoscopeError, InvalidArgument, StorageError, UnreadableFile
from argoscope.files import part_folder, parts
from argoscope.files.atomic import writing
from argoscope.files.larcv3 import Larcv3File
from argoscope.simulation.chain import simulation_named
from argoscope.simulation.products import record_of
from argoscope.simulation.run import Order, simulate

ORDER = Order(preset="cube-192", events=30, seed=5)


def content(path: Path) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}

    def visit(name: str, node: object) -> None:
        if isinstance(node, h5py.Dataset):
            found[name] = node[()]

    with h5py.File(path) as file:
        for group in ("Events", "Data"):
            file[group].visititems(lambda name, node, group=group: visit(f"{group}/{name}", node))
    return found


def same(one: Path, other: Path) -> bool:
    a, b = content(one), content(other)
    return a.keys() == b.keys() and all(
        a[name].dtype == b[name].dtype and a[name].tobytes() == b[name].tobytes() for name in a
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("run") / "whole.h5"
    simulate(ORDER, path)
    return path


def test_an_event_is_the_same_alone_and_in_a_run(whole) -> None:
    simulation = simulation_named("cube-192", seed=5)
    with Larcv3File(whole) as file:
        assert file.record(17) == record_of(simulation.event(17), simulation)


def test_two_workers_give_the_same_bytes(whole, tmp_path) -> None:
    simulate(ORDER, tmp_path / "two.h5", workers=2)
    assert same(whole, tmp_path / "two.h5")


def test_a_deleted_part_is_made_again(whole, tmp_path, monkeypatch) -> None:
    path = tmp_path / "out.h5"
    monkeypatch.setattr(parts.shutil, "rmtree", lambda _: None)
    simulate(ORDER, path)
    monkeypatch.undo()
    path.unlink()
    (tmp_path / "out.h5.parts" / "part-000000025.rows").unlink()
    assert simulate(ORDER, path, resume=True)["parts_kept"] == 1
    assert same(whole, path)
    assert not (tmp_path / "out.h5.parts").exists()


def test_a_killed_run_resumes(whole, tmp_path) -> None:
    path = tmp_path / "out.h5"
    code = (
        "import sys; from pathlib import Path; from argoscope.simulation.run import Order, simulate;"
        "simulate(Order(preset='cube-192', events=30, seed=5), Path(sys.argv[1]))"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(path)])
    first = tmp_path / "out.h5.parts" / "part-000000000.rows"
    until = time.monotonic() + 60
    while not first.exists() and child.poll() is None and time.monotonic() < until:
        time.sleep(0.002)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    simulate(ORDER, path, resume=True)
    assert same(whole, path)


def test_a_full_disk_leaves_parts_and_names_resume(whole, tmp_path, monkeypatch) -> None:
    path, make = tmp_path / "out.h5", parts._make_part

    def full(make_event, folder, numbers) -> int:
        if numbers.start:
            with writing(folder):
                raise OSError(errno.ENOSPC, "No space left on device")
        return make(make_event, folder, numbers)

    monkeypatch.setattr(parts, "_make_part", full)
    with pytest.raises(ArgoscopeError):
        simulate(ORDER, path)
    monkeypatch.undo()
    assert not path.exists()
    with pytest.raises(InvalidArgument, match="--resume"):
        simulate(ORDER, path)
    assert simulate(ORDER, path, resume=True)["parts_kept"] == 1
    assert same(whole, path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a file's size")
@pytest.mark.parametrize("writes", ["a part", "the joined file"])
def test_a_write_that_the_system_refuses_leaves_nothing_half_written(
    whole, tmp_path, monkeypatch, capsys, writes
) -> None:
    """A limit on the size of files refuses real writes, as a full disk does."""
    import resource  # not on every system

    path = tmp_path / "out.h5"
    monkeypatch.setattr(parts, "PART_EVENTS", 10)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    most = 50_000 if writes == "a part" else whole.stat().st_size * 9 // 10
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
    try:
        code = main(["simulate", "cube-192", "-n", "30", "--seed", "5", "-o", str(path)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert code == StorageError.exit_code
    error = capsys.readouterr().err
    assert "ulimit -f" in error
    assert "Traceback" not in error
    assert [found.name for found in tmp_path.iterdir()] == ["out.h5.parts"]
    names = {found.name for found in (tmp_path / "out.h5.parts").iterdir()} - {"order.sha256"}
    assert names == (set() if writes == "a part" else {f"part-0000000{n}0.rows" for n in range(3)})
    assert simulate(ORDER, path, resume=True)["parts_kept"] == len(names)
    assert same(whole, path)


def test_parts_are_joined_while_others_are_made(tmp_path, monkeypatch) -> None:
    joined, made = [], []
    join, make = parts._join, parts._make_part
    monkeypatch.setattr(parts, "PART_EVENTS", 3)
    monkeypatch.setattr(parts, "_make_part", lambda *given: made.append(given[-1]) or make(*given))

    def noted(writer, left, **options) -> None:
        before = len(left)
        join(writer, left, **options)
        joined.extend([len(made)] * (before - len(left)))

    monkeypatch.setattr(parts, "_join", noted)
    simulate(Order(preset="cube-192", events=12, seed=5), tmp_path / "out.h5")
    assert joined == [1, 2, 3, 4]


def test_a_damaged_part_is_named(tmp_path, monkeypatch) -> None:
    path, order = tmp_path / "out.h5", Order(preset="cube-192", events=2, seed=5)
    monkeypatch.setattr(parts.shutil, "rmtree", lambda _: None)
    simulate(order, path)
    monkeypatch.undo()
    path.unlink()
    part = tmp_path / "out.h5.parts" / "part-000000000.rows"
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(UnreadableFile, match=r"part-000000000\.rows is damaged.*remove it"):
        simulate(order, path, resume=True)
    part.unlink()
    simulate(order, path, resume=True)
    with Larcv3File(path) as file:
        assert len(file) == 2


def test_parts_of_another_order_are_refused(tmp_path) -> None:
    path = tmp_path / "out.h5"
    with part_folder.opened(path, ORDER.configuration(), resume=False, overwrite=False):
        pass
    other = Order(preset="cube-192", events=30, seed=6)
    with pytest.raises(InvalidArgument, match="another order"):
        simulate(other, path, resume=True)


def test_resume_of_a_finished_run_changes_nothing(whole) -> None:
    before = whole.read_bytes()
    simulate(ORDER, whole, resume=True)
    assert whole.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 6}, r"seed \(5 in the file, 6 asked for\)"),
        ({"events": 31}, r"events \(30 in the file, 31 asked for\)"),
        ({"preset": "cube-512"}, r"preset\.geometry"),
        ({"vary": ("smear_voxels=0.6",)}, r"response\.smear_voxels \(0\.5 in the file, 0\.6 asked for\)"),
        ({"vary": ("smear_voxel=0.6",)}, r"Did you mean 'smear_voxels'"),
    ],
)
def test_resume_of_another_order_refuses_a_finished_output(whole, change, words) -> None:
    before = whole.read_bytes()
    with pytest.raises(InvalidArgument, match=words):
        simulate(replace(ORDER, **change), whole, resume=True)
    assert whole.read_bytes() == before


def test_resume_refuses_a_finished_output_that_says_no_order(tmp_path) -> None:
    path = tmp_path / "out.h5"
    path.write_text("no simulation")
    with pytest.raises(InvalidArgument, match=r"out\.h5.*--overwrite"):
        simulate(ORDER, path, resume=True)
    assert path.read_text() == "no simulation"


@pytest.mark.parametrize("events", [0, -1])
def test_a_file_has_an_event(events) -> None:
    with pytest.raises(InvalidArgument, match=rf"events \(={events}\) must be at least 1"):
        replace(ORDER, events=events)


def test_an_error_of_the_order_leaves_no_empty_parts(tmp_path, monkeypatch) -> None:
    path, make = tmp_path / "out.h5", parts._make_part

    def refused(make_event, folder, numbers) -> int:
        if numbers.start:
            raise InvalidArgument("impossible")
        return make(make_event, folder, numbers)

    monkeypatch.setattr(parts, "_make_part", refused)
    with pytest.raises(InvalidArgument, match="impossible"):
        simulate(ORDER, path)
    assert [found.name for found in tmp_path.iterdir()] == ["out.h5.parts"]
    simulate(replace(ORDER, events=1), path, overwrite=True)
    path.unlink()
    monkeypatch.setattr(parts, "_make_part", lambda *_: refused(None, None, range(1, 2)))
    with pytest.raises(InvalidArgument, match="impossible"):
        simulate(ORDER, path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows is left without locks")
@pytest.mark.parametrize("option", [{"resume": True}, {"overwrite": True}])
def test_two_runs_do_not_share_parts(tmp_path, option) -> None:
    path = tmp_path / "out.h5"
    with part_folder.opened(path, ORDER.configuration(), resume=False, overwrite=False) as folder:
        (folder / ".part-000000000.rows.0123.part").touch()
        with pytest.raises(InvalidArgument, match=r"another process writes .* wait for it"):
            simulate(ORDER, path, **option)
    assert (folder / ".part-000000000.rows.0123.part").exists()


def test_overwrite_removes_no_folder_of_others(tmp_path) -> None:
    folder = tmp_path / "out.h5.parts"
    folder.mkdir()
    (folder / "thesis.tex").touch()
    with pytest.raises(InvalidArgument, match=r"out\.h5\.parts holds thesis\.tex.*name another output"):
        simulate(ORDER, tmp_path / "out.h5", overwrite=True)
    (folder / "order.sha256").touch()
    with pytest.raises(InvalidArgument, match=r"out\.h5\.parts holds thesis\.tex"):
        simulate(ORDER, tmp_path / "out.h5", overwrite=True)
    assert (folder / "thesis.tex").exists()


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a folder that takes no files")
def test_a_folder_that_takes_no_files_is_named_with_a_remedy() -> None:
    with pytest.raises(StorageError, match=r"^/proc/foo\.h5 could not be written: .* write elsewhere"):
        simulate(ORDER, Path("/proc/foo.h5"))
