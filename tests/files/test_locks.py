"""A folder is held by one process, and free again however that one ends."""

import subprocess
import sys

import pytest

from argoscope.errors import InvalidArgument
from argoscope.files.locks import LOCK, alone_in

HOLDING = """
import sys
from pathlib import Path
from argoscope.files.locks import alone_in
with alone_in(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_held_by_another_process_is_refused_until_that_one_is_killed(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(InvalidArgument, match="another process works in"), alone_in(tmp_path):
            pass
        other.kill()
    with alone_in(tmp_path):
        assert (tmp_path / LOCK).exists()


def test_an_error_inside_gives_the_folder_back(tmp_path):
    folder = tmp_path / "new"
    with pytest.raises(KeyError), alone_in(folder):
        raise KeyError
    with alone_in(folder):
        pass
