"""The guarded child: answers come back, errors keep their class, crashes and loops are survived."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from argoscope.errors import InvalidArgument, StorageError, UnreadableFile
from argoscope.files import guard
from tests.files import guard_probe

HERE = Path("some.h5")
PROBE = "tests.files.guard_probe"


def test_result_and_progress_reach_the_parent() -> None:
    steps: list[tuple[str, int, int]] = []
    answer = guard.call(
        f"{PROBE}:count",
        {"steps": 3},
        path=HERE,
        progress=lambda what, _seconds, done, total: steps.append((what, done, total)),
    )
    assert answer == {"counted": 3}
    assert steps == [("counting", 1, 3), ("counting", 2, 3), ("counting", 3, 3)]


def test_what_libraries_print_does_not_mix_with_the_answer() -> None:
    assert guard.call(f"{PROBE}:chatter", {}, path=HERE) == "heard"


def test_error_of_ours_keeps_its_class_and_words() -> None:
    with pytest.raises(InvalidArgument, match=r"^the argument is wrong: use another$"):
        guard.call(f"{PROBE}:refuse", {}, path=HERE)


def test_bug_shows_its_traceback() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)ZeroDivisionError: a bug.*guard_probe.py"):
        guard.call(f"{PROBE}:fail", {}, path=HERE)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is bounded on Linux alone")
def test_a_child_is_modest_where_it_is_asked_to_be_and_the_users_process_never() -> None:
    """HDF5 goes round some damaged lists for ever, and takes memory as long as it gets some."""
    assert guard.call(f"{PROBE}:take", {"megabytes": 600}, path=HERE) == [False, True]
    assert guard.call(f"{PROBE}:take", {"megabytes": 100}, path=HERE) == [True, True]
    assert guard_probe.take(600) == [True, True]


def test_crash_of_a_library_is_one_sentence() -> None:
    with pytest.raises(UnreadableFile, match=r"^some.h5: reading it crashed the library \(SIGSEGV\)"):
        guard.call(f"{PROBE}:crash", {}, path=HERE)


@pytest.mark.parametrize(("function", "arguments"), [("loop", {}), ("sleep", {"seconds": 600})])
def test_child_that_computes_or_sleeps_without_end_is_ended(function: str, arguments: dict[str, int]) -> None:
    with pytest.raises(
        UnreadableFile, match=r"^some.h5: reading it made no progress for 0.2 s and was ended"
    ):
        guard.call(f"{PROBE}:{function}", arguments, path=HERE, stall_seconds=0.2)


def test_child_that_got_no_processor_is_waited_for() -> None:
    assert guard.call(f"{PROBE}:sleep", {"seconds": 1}, path=HERE, stall_seconds=0.3) == "awake"


def test_one_child_serves_many_calls_and_starts_anew_after_one_that_it_died_of() -> None:
    child = guard.Child({"PROBED": "yes"})
    try:
        first = child.call(f"{PROBE}:identity", {}, path=HERE)
        assert child.call(f"{PROBE}:identity", {}, path=HERE) == first
        assert first[1] == "yes"
        with pytest.raises(InvalidArgument):
            child.call(f"{PROBE}:refuse", {}, path=HERE)
        assert child.call(f"{PROBE}:identity", {}, path=HERE) == first
        with pytest.raises(UnreadableFile, match="SIGSEGV"):
            child.call(f"{PROBE}:crash", {}, path=HERE)
        assert child.call(f"{PROBE}:identity", {}, path=HERE)[0] != first[0]
    finally:
        child.close()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is bounded on Linux only")
def test_a_child_that_takes_too_much_memory_is_ended() -> None:
    child = guard.Child(memory_mb=300)
    try:
        with pytest.raises(StorageError, match=r"^some.h5: .* more than the 300 MB it may"):
            child.call(f"{PROBE}:grow", {}, path=HERE)
        assert child.call(f"{PROBE}:count", {"steps": 1}, path=HERE) == {"counted": 1}
    finally:
        child.close()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="looks for a process as Linux lists them")
def test_a_child_ends_with_its_parent() -> None:
    code = (
        "import sys; from pathlib import Path; from argoscope.files import guard\n"
        "note = lambda what, *_: print(what, flush=True)\n"
        f"guard.call('{PROBE}:work_on', {{}}, path=Path('some.h5'), progress=note)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 60
    while Path(f"/proc/{child}/cmdline").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}/cmdline").exists()
