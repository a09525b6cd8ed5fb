"""Variable-length rows of an HDF5 dataset, read where they lie, with every length looked at before memory is taken.

HDF5 takes memory for the length that a file declares before it looks for the
numbers (four damaged bytes could take 16 GB), and looks for them in a heap that
damage turns into an endless loop. So both are read here. A row is stored as its
length, in four bytes, and where its numbers lie: the address of a heap
collection and an index in it (HDF5 file format specification, III.E and IV.B).
These references lie in the dataset itself, which may be compressed by gzip
(HDF5 takes neither its shuffling nor its checksums for them); they are unpacked
no further than to the size that the chunk has.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import BinaryIO

import h5py
import numpy as np

from argoscope.errors import UnreadableFile
from argoscope.files.safety import reading

__all__ = ["read_list"]

COLLECTION = b"GCOL\x01"
"""A heap collection begins with this signature and version."""
ALIGNED = 8
"""Bytes that objects of a heap are rounded up to."""


def read_list(data: h5py.Dataset, index: int, path: Path, what: str) -> np.ndarray:
    """Read one variable-length row.

    Parameters
    ----------
    data : Dataset
        One row an entry.
    index : int
    path : Path
        Of the file.
    what : str
        What is read, for messages.

    Returns
    -------
    ndarray, shape (n,)
        Of the type that the file stores.

    Raises
    ------
    UnreadableFile
        If the row cannot be read, declares more bytes than the file has, or its length cannot be seen.
    """
    inner = h5py.check_vlen_dtype(data.dtype)
    with reading(path, what), path.open("rb") as file:
        addresses, lengths = data.file.id.get_create_plist().get_sizes()
        reference = _reference(data, index, path, file, width=8 + addresses)
        count = int.from_bytes(reference[:4], "little")
        if not count:
            return np.empty(0, inner)
        declared = count * inner.itemsize
        if declared > path.stat().st_size:
            raise UnreadableFile(
                f"{path}: {what} declares {declared} bytes, more than the whole file has: the file is damaged"
            )
        at = int.from_bytes(reference[4:-4], "little") + data.file.userblock_size
        number = int.from_bytes(reference[-4:], "little")
        if inner.hasobject:
            # Where the texts of a row lie is HDF5's own knowledge; what can be seen is whether the rows are there.
            _heap_object(file, at, number, 0, lengths)
            return np.asarray(data[index])
        return np.frombuffer(bytearray(_heap_object(file, at, number, declared, lengths)), inner)


def _reference(data: h5py.Dataset, index: int, path: Path, file: BinaryIO, *, width: int) -> bytes:
    """What is stored of a row in the dataset itself, of `width` bytes; nothing where it was never written."""
    if data.chunks is None:
        start = data.id.get_offset()
        if start is None:
            return b""
        file.seek(start + index * width)
        return file.read(width)
    place = index % data.chunks[0]
    chunk = _chunk(data, index - place, data.chunks[0] * width, path)
    return chunk[place * width : (place + 1) * width]


def _heap_object(file: BinaryIO, at: int, number: int, size: int, lengths: int) -> bytes:
    """The first bytes of an object of a heap collection, whose own lengths take so many bytes."""
    file.seek(at)
    head = file.read(8 + lengths)
    if not head.startswith(COLLECTION):
        raise ValueError(f"there is no heap at byte {at}")
    end, at = at + int.from_bytes(head[8:], "little"), at + len(head)
    while at < end:
        file.seek(at)
        head = file.read(8 + lengths)
        found, there = int.from_bytes(head[:2], "little"), int.from_bytes(head[8:], "little")
        if len(head) < 8 + lengths or not found:  # index 0 is what is free, up to the end
            break
        if found == number:
            content = file.read(size) if size <= there else b""
            if len(content) < size:
                raise ValueError(f"{size} bytes are declared, and its heap has {there}")
            return content
        at += len(head) + -(-there // ALIGNED) * ALIGNED
    raise ValueError(f"its heap has no object {number}")


def _chunk(data: h5py.Dataset, first: int, size: int, path: Path) -> bytes:
    """Bytes of the chunk that begins with a row, unpacked; none if it was never written."""
    stored = data.id.get_chunk_info_by_coord((first,))
    if stored.byte_offset is None:
        return b""
    if stored.size > path.stat().st_size:
        raise UnreadableFile(
            f"{path}: a chunk of {data.name} declares {stored.size} bytes, more than the whole file has"
        )
    skipped, chunk = data.id.read_direct_chunk((first,))
    filters = data.id.get_create_plist()
    for number in reversed(range(filters.get_nfilters())):
        code, _, _, name = filters.get_filter(number)
        if skipped >> number & 1:
            continue
        if code != h5py.h5z.FILTER_DEFLATE:
            raise UnreadableFile(
                f"{path}: {data.name} is compressed by {name.decode(errors='replace')!r}, so that its lengths cannot be "
                "checked before memory is taken: compress it with gzip (h5repack -f GZIP=1)"
            )
        chunk = _inflated(chunk, size)
    return chunk


def _inflated(chunk: bytes, size: int) -> bytes:
    stream = zlib.decompressobj()
    content = stream.decompress(chunk, size)
    # The end of a stream may be told only after all of its content.
    if stream.decompress(stream.unconsumed_tail, 1):
        raise ValueError(f"a chunk of {size} bytes unpacks to more")
    return content
