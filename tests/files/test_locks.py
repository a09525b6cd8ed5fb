"""A folder is held by one process, and free again however that one ends."""

import multiprocessing

import pytest

from argoscope.errors import InvalidArgument
from argoscope.files.locks import LOCK, alone_in
from tests.holding import held


def taken(folder):
    """Whether this process gets the folder; it gives it back at once."""
    try:
        with alone_in(folder):
            return True
    except InvalidArgument:
        return False


def test_a_folder_held_by_another_process_is_refused_until_that_one_is_killed(tmp_path):
    with (
        held(tmp_path),
        pytest.raises(InvalidArgument, match="another process works in"),
        alone_in(tmp_path),
    ):
        pass
    with alone_in(tmp_path):
        assert (tmp_path / LOCK).exists()


def test_an_error_inside_gives_the_folder_back(tmp_path):
    folder = tmp_path / "new"
    with pytest.raises(KeyError), alone_in(folder):
        raise KeyError
    with alone_in(folder):
        pass


def test_a_forked_worker_that_outlives_its_parent_does_not_keep_the_folder(tmp_path):
    """What a killed training leaves behind for seconds: the worker here is the child, its parent has let go."""
    fork = multiprocessing.get_context("fork")
    stay = fork.Event()
    with alone_in(tmp_path):
        worker = fork.Process(target=stay.wait)
        worker.start()
    try:
        assert taken(tmp_path)
        with held(tmp_path):
            assert not taken(tmp_path)
        assert taken(tmp_path)
        assert worker.is_alive()  # otherwise nothing of this was tested
    finally:
        stay.set()
        worker.join()
    assert worker.exitcode == 0
