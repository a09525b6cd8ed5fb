"""A file whose structure is not what it should be is closed again, and refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.files.safety import open_hdf5, read_list, reading_structure


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["table"] = [1, 2]
    return tmp_path / "a.h5"


@pytest.mark.parametrize(
    ("raised", "refused"),
    [(KeyError("'info'"), UnreadableFile), (InvalidArgument("own"), InvalidArgument), (KeyboardInterrupt(), KeyboardInterrupt)],
    ids=["foreign", "own", "Ctrl-C"],
)  # fmt: skip
def test_a_file_that_fails_is_closed(path, raised, refused):
    file = open_hdf5(path)
    message = "its info cannot be read" if refused is UnreadableFile else None
    with pytest.raises(refused, match=message), reading_structure(file, path, "its info"):
        raise raised
    assert not file


def test_a_file_that_is_sound_stays_open(path):
    file = open_hdf5(path)
    with reading_structure(file, path):
        assert "table" in file
    assert file
    file.close()


LISTS = ([1.5, 2.5, 3.5], [], [4.5])


def lists(path: Path, **options: object) -> Path:
    with h5py.File(path, "w") as file:
        data = file.create_dataset("lists", (len(LISTS),), dtype=h5py.vlen_dtype(np.float32), **options)
        for index, values in enumerate(LISTS):
            data[index] = np.float32(values)
    return path


@pytest.mark.parametrize(
    "options",
    [{}, {"chunks": (2,)}, {"chunks": (2,), "compression": "gzip"}],
    ids=["plain", "chunks", "gzip"],
)
def test_lists_are_read_as_they_were_written(tmp_path, options):
    path = lists(tmp_path / "a.h5", **options)
    with h5py.File(path) as file:
        for index, values in enumerate(LISTS):
            assert read_list(file["lists"], index, path, "a list").tolist() == values


@pytest.mark.parametrize("options", [{}, {"chunks": (2,)}], ids=["plain", "chunks"])
@pytest.mark.parametrize("index", [0, 2])
def test_a_list_longer_than_its_file_is_refused_before_memory_is_taken(tmp_path, options, index):
    path = lists(tmp_path / "a.h5", **options)
    content = bytearray(path.read_bytes())
    with h5py.File(path) as file:
        data = file["lists"]
        start = (
            data.id.get_offset()
            if data.chunks is None
            else data.id.get_chunk_info_by_coord((index - index % 2,)).byte_offset - 16 * (index - index % 2)
        )
    content[start + 16 * index : start + 16 * index + 4] = (2**31).to_bytes(4, "little")
    path.write_bytes(bytes(content))
    with (
        h5py.File(path) as file,
        pytest.raises(UnreadableFile, match=f"a list declares {2**33} bytes, more than the whole file"),
    ):
        read_list(file["lists"], index, path, "a list")
