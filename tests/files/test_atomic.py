"""Outputs have the permissions of any file of the user's, whoever wrote them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from argoscope.errors import StorageError
from argoscope.files.atomic import atomic_output


@pytest.fixture(params=[0o022, 0o002, 0o077], ids=oct)
def umask(request):
    """The umask of a test; that of the process is given back."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def write_privately(path):
    """As tempfile makes files: readable by their owner alone."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(b"whole")
    Path(file.name).replace(path)


WRITERS = {
    "text": lambda path: path.write_text("whole"),
    "safetensors": lambda path: save_file({"a": torch.zeros(3)}, path),
    "private": write_privately,
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("existing", [None, 0o600])
def test_permissions_are_those_of_the_umask(tmp_path, umask, writer, existing):
    path = tmp_path / "output"
    if existing is not None:
        path.touch(existing)
    with atomic_output(path, overwrite=True) as temporary:
        WRITERS[writer](temporary)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), atomic_output(tmp_path / "output"):
        _ = 1 // 0
    assert not list(tmp_path.iterdir())


def test_a_name_that_the_system_refuses_is_said_before_any_work(tmp_path):
    with pytest.raises(StorageError, match="could not be written"), atomic_output(tmp_path / ("a" * 250)):
        pytest.fail("the block was entered")
