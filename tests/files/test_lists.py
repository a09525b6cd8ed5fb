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


KINDS = {
    "float32": np.dtype("<f4"),
    "float64, the other way round": np.dtype(">f8"),
    "rows with a gap": np.dtype(
        {"names": ["a", "b"], "formats": ["<i2", "<f8"], "offsets": [0, 8], "itemsize": 24}
    ),
}


@pytest.mark.parametrize("options", [{}, {"userblock_size": 1024}, {"libver": "latest"}], ids=str)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_lists_are_those_that_hdf5_reads(tmp_path, kind, options):
    """Of no, one and many numbers, several in one heap and one in several pages; written over, too."""
    path, rng = tmp_path / "a.h5", np.random.default_rng(3)
    sizes = [0, 1, 3, 2, 5000, 0, *rng.integers(0, 300, 40)]
    with h5py.File(path, "w", **options) as file:
        data = file.create_dataset("lists", (len(sizes),), dtype=h5py.vlen_dtype(kind), chunks=(7,))
        written = {}
        for index in (*range(len(sizes)), 2, 4):
            written[index] = np.zeros(sizes[index], kind)
            for column in [written[index][name] for name in kind.names] if kind.names else [written[index]]:
                column[:] = rng.integers(0, 1000, sizes[index])
            data[index] = written[index]
    with h5py.File(path) as file:
        for index in range(len(sizes)):
            mine, theirs = read_list(file["lists"], index, path, "a list"), np.asarray(file["lists"][index])
            assert mine.dtype == h5py.check_vlen_dtype(file["lists"].dtype)
            assert mine.tolist() == written[index].tolist()
            # h5py 3.16 takes the bytes of such numbers in the wrong order.
            assert mine.tolist() == theirs.tolist() or kind == KINDS["float64, the other way round"]


def damaged_heap(path: Path, find: bytes, put: bytes, at: int) -> None:
    """A file of lists with some bytes of its heap changed, `at` bytes after those that are found."""
    content = bytearray(lists(path).read_bytes())
    start = content.index(find) + at
    content[start : start + len(put)] = put
    path.write_bytes(bytes(content))


# An object: index (2 bytes), references (2), reserved (4), length (8), numbers; the first lies 16 bytes into its heap.
@pytest.mark.parametrize(
    ("find", "put", "at", "words"),
    [
        (b"GCOL", b"GCOM", 0, "there is no heap at byte"),
        (b"GCOL", b"\x07", 16, "its heap has no object 1"),
        (b"GCOL", b"\0", 16, "its heap has no object 1"),
        (b"GCOL", b"\x0b", 24, "12 bytes are declared, and its heap has 11"),
        (b"GCOL", (2**63).to_bytes(8, "little"), 8, ""),
    ],
)
def test_a_damaged_heap_is_refused(tmp_path, find, put, at, words):
    path = tmp_path / "a.h5"
    damaged_heap(path, find, put, at)
    if words:
        refused(path, 0, words)
    else:
        with h5py.File(path) as file:
            assert read_list(file["lists"], 0, path, "a list").tolist() == LISTS[0]


def test_objects_without_length_end(tmp_path):
    """HDF5 itself goes round such a heap for ever, in versions that users have."""
    path = tmp_path / "a.h5"
    damaged_heap(path, b"GCOL", b"\x09\0\0\0\0\0\0\0" + bytes(8), 16)
    refused(path, 0, "its heap has no object 1")


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


TEXT = h5py.string_dtype()
ROWS_WITH_TEXTS = {
    "last": np.dtype([("a", "<f4"), ("name", TEXT)]),
    "first": np.dtype([("name", TEXT), ("a", "<f4")]),
    "between": np.dtype([("a", "<i2"), ("name", TEXT), ("b", "<f8"), ("end", TEXT), ("c", "<i4")]),
    "apart": np.dtype(
        {"names": ["a", "name", "b"], "formats": ["<f4", TEXT, "<i4"], "offsets": [0, 16, 48], "itemsize": 64}
    ),
}


@pytest.mark.parametrize("kind", ROWS_WITH_TEXTS.values(), ids=ROWS_WITH_TEXTS)
@pytest.mark.parametrize("chunks", [None, (2,)])
def test_rows_with_texts_are_those_that_were_written(tmp_path, kind, chunks):
    """HDF5's library, which wrote them, does not read all of these."""
    path = tmp_path / "a.h5"
    rows = np.zeros(5, kind)
    for number, name in enumerate(kind.names):
        for row in range(5):
            text = "" if row == 3 else "text" * (row + number)
            rows[name][row] = text if kind[name].hasobject else row + 10 * number
    with h5py.File(path, "w") as file:
        data = file.create_dataset("lists", (3,), dtype=h5py.vlen_dtype(kind), chunks=chunks)
        data[0], data[2] = rows, rows[:1]
    want = [tuple(v.encode() if isinstance(v, str) else v for v in row) for row in rows.tolist()]
    with h5py.File(path) as file:
        found = [read_list(file["lists"], index, path, "a list").tolist() for index in range(3)]
    assert found == [want, [], want[:1]]


def two_texts(path: Path) -> Path:
    """A file with one row of a number and a text, twice."""
    kind = ROWS_WITH_TEXTS["last"]
    with h5py.File(path, "w") as file:
        data = file.create_dataset("lists", (1,), dtype=h5py.vlen_dtype(kind))
        data[0] = np.array([(1.5, "one"), (2.5, "two")], kind)
    return path


def test_rows_of_texts_that_were_never_written_are_empty(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("lists", (2,), dtype=h5py.vlen_dtype(np.dtype([("name", TEXT)])))
    with h5py.File(path) as file:
        assert read_list(file["lists"], 1, path, "a list").size == 0


def test_damaged_texts_are_refused_before_memory_is_taken(tmp_path):
    path = two_texts(tmp_path / "a.h5")
    content = bytearray(path.read_bytes())
    at = content.index(np.float32(1.5).tobytes()) + 4
    assert content[at] == 3
    content[at : at + 4] = b"\xff\xff\xff\x7f"
    (tmp_path / "long.h5").write_bytes(bytes(content))
    refused(tmp_path / "long.h5", 0, "declares 2147483647 bytes, more than the whole file")
    content[at : at + 4] = b"\x09\x00\x00\x00"
    (tmp_path / "other.h5").write_bytes(bytes(content))
    refused(tmp_path / "other.h5", 0, "9 bytes are declared, and its heap has")


def test_lists_within_rows_are_refused(tmp_path):
    path = tmp_path / "a.h5"
    kind = np.dtype([("a", "<f4"), ("inner", h5py.vlen_dtype(np.float32))])
    with h5py.File(path, "w") as file:
        data = file.create_dataset("lists", (1,), dtype=h5py.vlen_dtype(kind))
        rows = np.zeros(1, kind)
        rows["inner"][0] = np.ones(2, np.float32)
        data[0] = rows
    refused(path, 0, "has lists within its rows \\(inner\\)")


def test_the_rows_of_texts_have_their_place_in_the_heap(tmp_path):
    path = two_texts(tmp_path / "a.h5")
    content = bytearray(path.read_bytes())
    rows = content.index(b"GCOL") + 16 + 2 * 24  # after both texts, of 3 bytes in 8 each
    assert content[rows] == 3
    content[rows] = 9
    path.write_bytes(bytes(content))
    refused(path, 0, "its heap has no object 3")
