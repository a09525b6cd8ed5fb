"""The guarded child: answers come back, errors keep their class, crashes and loops are survived."""

from __future__ import annotations

from pathlib import Path

import pytest

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.files import guard

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
