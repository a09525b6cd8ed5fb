"""Files of tensors are written whole or not at all, and a disk that refuses says what to do."""

from __future__ import annotations

import errno
import sys

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from argoscope.errors import InvalidArgument, StorageError
from argoscope.models import tensor_files
from argoscope.models.tensor_files import write_tensors

SMALL, LARGE = {"a": torch.arange(3.0)}, {"a": torch.zeros(5000)}
FULL = "the disk is full: free some space or write elsewhere"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I/O error: No space left on device (os error 28)", FULL),
        ('IoError(Os { code: 28, kind: StorageFull, message: "No space left on device" })', FULL),
        (f"I/O error: Disk quota exceeded (os error {errno.EDQUOT})", "the disk quota is used up"),
        ("I/O error: Input/output error (os error 5)", r"Input/output error \(os error 5\)"),
        ("InvalidHeader", "InvalidHeader"),
    ],
)
def test_what_safetensors_says_is_the_system_s_refusal(tmp_path, monkeypatch, text, reason):
    """The texts of safetensors 0.8 on a full disk, and of 0.5; a refusal without a remedy is told as it is."""

    def refuse(*_given, **_more):
        raise SafetensorError(f"Error while serializing: {text}")

    monkeypatch.setattr(tensor_files, "save_file", refuse)
    with pytest.raises(StorageError, match=rf"a\.safetensors could not be written: .*{reason}"):
        write_tensors(tmp_path / "a.safetensors", SMALL, overwrite=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a file's size")
def test_a_real_refusal_leaves_the_file_that_was_there(tmp_path):
    import resource  # not on every system

    path = tmp_path / "a.safetensors"
    write_tensors(path, SMALL, {"said": "first"}, overwrite=False)
    before, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(StorageError, match=r"could not be written: .*ulimit -f\): raise the limit"):
            write_tensors(path, LARGE, overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [found.read_bytes() for found in tmp_path.iterdir()] == [before]


def test_a_file_is_not_replaced_unasked(tmp_path):
    path = tmp_path / "a.safetensors"
    write_tensors(path, SMALL, overwrite=False)
    with pytest.raises(InvalidArgument, match="exists"):
        write_tensors(path, LARGE, overwrite=False)
    assert torch.equal(load_file(path)["a"], SMALL["a"])
