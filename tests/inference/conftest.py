"""A small untrained network with its card, and a file of drawn events."""

from __future__ import annotations

import pytest
import torch
from tests.small_models import make_model

from argoscope.drawn import drawn_event
from argoscope.files.larcv3_write import write_events

__all__ = ["make_model"]


@pytest.fixture(autouse=True)
def one_thread():
    """On a busy machine torch's operations wait long for a second thread; none of these tests is about threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def events_file(tmp_path):
    path = tmp_path / "drawn.h5"
    write_events(path, [drawn_event(seed) for seed in range(3)])
    return path
