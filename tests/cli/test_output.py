"""What commands share: signals ask for a stop or end the work, and are given back."""

from __future__ import annotations

import signal
from types import SimpleNamespace

import pytest

from argoscope.cli import output
from argoscope.cli.output import progress_reporter, stop_requests, stopped_by_signals
from argoscope.errors import Stopped

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)


@pytest.fixture(autouse=True)
def handlers_are_given_back():
    before = [signal.getsignal(number) for number in STOPPING]
    yield
    assert [signal.getsignal(number) for number in STOPPING] == before


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_asks_for_a_stop(number):
    with stop_requests() as stop:
        assert not stop()
        signal.raise_signal(number)
        assert stop()


@pytest.mark.parametrize("first", STOPPING)
def test_ctrl_c_after_a_request_ends_the_work(first):
    with stop_requests() as stop:
        signal.raise_signal(first)
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert stop()


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_ends_work_that_is_resumed_later(number):
    with pytest.raises(Stopped, match="go on with --resume"), stopped_by_signals():
        signal.raise_signal(number)


@pytest.fixture
def clock(monkeypatch):
    """A list whose last entry is the time in seconds; stderr is no terminal, and progress a line at every report."""
    times = [0.0]
    monkeypatch.setattr(output, "time", SimpleNamespace(monotonic=lambda: times[-1]))
    monkeypatch.setattr(output, "QUIET_SECONDS", 0.0)
    return times


def reported(clock, capsys, reports):
    """Lines of progress, of reports (seconds, what, done, total)."""
    with progress_reporter() as report:
        for seconds, *said in reports:
            clock.append(seconds)
            report(*said)
    return capsys.readouterr().err.splitlines()


def test_the_rate_is_of_what_this_process_did(clock, capsys):
    resumed = [(5.0, "steps", 501, 1000), (15.0, "steps", 502, 1000), (45.0, "steps", 511, 1000)]
    assert reported(clock, capsys, resumed) == [
        "steps: 501 of 1000",
        "steps: 502 of 1000, 0.1/s, 4980 s left",
        "steps: 511 of 1000, 0.2/s, 1956 s left",
    ]


@pytest.mark.parametrize(
    "second", [("other", 1, 10), ("steps", 1, 20), ("steps", 1, 10)], ids=["work", "total", "anew"]
)
def test_every_piece_of_work_has_its_own_rate(clock, capsys, second):
    what, _, total = second
    lines = reported(
        clock, capsys, [(0, "steps", 0, 10), (10, "steps", 10, 10), (100, *second), (101, what, 2, total)]
    )
    assert lines[1] == "steps: 10 of 10, 1.0/s, 0 s left"
    assert lines[2:] == [
        f"{what}: 1 of {total}",
        f"{what}: 2 of {total}, 1.0/s, {total - 2} s left",
    ]
