"""Variable-length rows are read as they were written, and refused where they declare more than their file has."""

from __future__ import annotations

import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.errors import UnreadableFile
from argoscope.files.lists import read_list

LISTS = ([1.5, 2.5, 3.5], [], [4.5])
ROW = 16
"""Bytes of a stored row: length, address, index."""
EVERY = {
    "plain": {},
    "chunks": {"chunks": (2,)},
    "gzip": {"chunks": (2,), "compression": "gzip"},
    "shuffled": {"chunks": (2,), "compression": "gzip", "shuffle": True},
}


def lists(path: Path, **options: object) -> Path:
    with h5py.File(path, "w") as file:
        data = file.create_dataset("lists", (len(LISTS),), dtype=h5py.vlen_dtype(np.float32), **options)
        for index, values in enumerate(LISTS):
            data[index] = np.float32(values)
    return path


def refused(path: Path, index: int, words: str) -> None:
    with h5py.File(path) as file, pytest.raises(UnreadableFile, match=words):
        read_list(file["lists"], index, path, "a list")


@pytest.mark.parametrize("options", EVERY.values(), ids=EVERY)
def test_lists_are_read_as_they_were_written(tmp_path, options):
    path = lists(tmp_path / "a.h5", **options)
    with h5py.File(path) as file:
        for index, values in enumerate(LISTS):
            assert read_list(file["lists"], index, path, "a list").tolist() == values


@pytest.mark.parametrize("options", [EVERY["plain"], EVERY["chunks"]], ids=["plain", "chunks"])
@pytest.mark.parametrize("index", [0, 2])
def test_a_list_longer_than_its_file_is_refused_before_memory_is_taken(tmp_path, options, index):
    path = lists(tmp_path / "a.h5", **options)
    content = bytearray(path.read_bytes())
    with h5py.File(path) as file:
        data, first = file["lists"], index - index % 2
        start = (
            data.id.get_offset()
            if data.chunks is None
            else data.id.get_chunk_info_by_coord((first,)).byte_offset - ROW * first
        )
    content[start + ROW * index : start + ROW * index + 4] = (2**31).to_bytes(4, "little")
    path.write_bytes(bytes(content))
    refused(path, index, f"a list declares {2**33} bytes, more than the whole file")


@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "filter left out"])
@pytest.mark.parametrize("row", [0, 1])
def test_a_length_in_a_compressed_chunk_is_seen(tmp_path, packed, row):
    path = lists(tmp_path / "a.h5", **EVERY["gzip"])
    rows = np.zeros((2, ROW), np.uint8)
    rows[row, :4] = np.frombuffer((2**31).to_bytes(4, "little"), np.uint8)
    with h5py.File(path, "r+") as file:
        content = zlib.compress(rows.tobytes()) if packed else rows.tobytes()
        file["lists"].id.write_direct_chunk((0,), content, filter_mask=int(not packed))
    refused(path, row, f"a list declares {2**33} bytes, more than the whole file")


def test_a_chunk_that_unpacks_to_more_than_its_rows_is_refused_before_it_is_unpacked(tmp_path):
    """A gigabyte of zeros in a megabyte: HDF5 itself would unpack it all."""
    path = lists(tmp_path / "a.h5", **EVERY["gzip"])
    packer = zlib.compressobj()
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(1024)) + packer.flush()
    with h5py.File(path, "r+") as file:
        file["lists"].id.write_direct_chunk((0,), packed)
    refused(path, 0, "a chunk of 32 bytes unpacks to more")


def test_lengths_that_cannot_be_seen_are_refused_with_what_to_do(tmp_path):
    path = lists(tmp_path / "a.h5", chunks=(2,), compression="lzf")
    refused(path, 0, "is compressed by 'lzf'.*h5repack")


def test_rows_that_were_never_written_are_empty(tmp_path):
    path = tmp_path / "a.h5"
    for chunks in (None, (2,)):
        with h5py.File(path, "w") as file:
            file.create_dataset("lists", (4,), dtype=h5py.vlen_dtype(np.float32), chunks=chunks)
        with h5py.File(path) as file:
            assert read_list(file["lists"], 3, path, "a list").size == 0
