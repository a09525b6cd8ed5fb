"""What commands share: signals ask for a stop or end the work, and are given back."""

from __future__ import annotations

import signal

import pytest

from argoscope.cli.output import stop_requests, stopped_by_signals
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
