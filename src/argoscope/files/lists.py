"""Variable-length rows of an HDF5 dataset, read where they lie, with every length looked at before memory is taken.

HDF5 takes memory for the length that a file declares before it looks for the
numbers (four damaged bytes could take 16 GB), and looks for them in a heap that
damage turns into an endless loop. So both are read here. A row is stored as its
length, in four bytes, and where its numbers lie: the address of a heap
collection and an index in it (HDF5 file format specification, III.E and IV.B).
These references lie in the dataset itself, which may be compressed by gzip
(HDF5 takes neither its shuffling nor its checksums for them); they are unpacked
no further than to the size that the chunk has. A text within a row is stored as
such a reference too, where memory has a pointer.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
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
        heap = _Heap(file, data.file.userblock_size, lengths, path.stat().st_size)
        width = 8 + addresses
        reference = _reference(data, index, path, file, width=width)
        stored = _stored(inner, width, path, what) if inner.hasobject else inner
        rows = np.frombuffer(bytearray(heap.object_at(reference, stored.itemsize, path, what)), stored)
        return _with_texts(rows, inner, heap, path, what) if inner.hasobject else rows


@dataclass(frozen=True)
class _Heap:
    """The collections of objects of a file.

    Parameters
    ----------
    file : binary stream
    userblock, lengths, size : int
        Bytes before the file's address 0, bytes of a length, bytes of the file.
    known : dict
        By the address of a collection: where each of its objects lies, and its size.
    """

    file: BinaryIO
    userblock: int
    lengths: int
    size: int
    known: dict[int, dict[int, tuple[int, int]]] = field(default_factory=dict)

    def object_at(self, reference: bytes, each: int, path: Path, what: str) -> bytes:
        """What a reference says lies in the heap: so many things of `each` bytes; nothing where it was never written."""
        size = int.from_bytes(reference[:4], "little") * each
        if not size:
            return b""
        if size > self.size:
            raise UnreadableFile(
                f"{path}: {what} declares {size} bytes, more than the whole file has: the file is damaged"
            )
        at = int.from_bytes(reference[4:-4], "little") + self.userblock
        number = int.from_bytes(reference[-4:], "little")
        if at not in self.known:
            self.known[at] = self._collection(at)
        if number not in self.known[at]:
            raise ValueError(f"its heap has no object {number}")
        start, there = self.known[at][number]
        self.file.seek(start)
        content = self.file.read(size) if size <= there else b""
        if len(content) < size:
            raise ValueError(f"{size} bytes are declared, and its heap has {there}")
        return content

    def _collection(self, at: int) -> dict[int, tuple[int, int]]:
        self.file.seek(at)
        head = self.file.read(8 + self.lengths)
        if not head.startswith(COLLECTION):
            raise ValueError(f"there is no heap at byte {at}")
        end, at = at + int.from_bytes(head[8:], "little"), at + len(head)
        found: dict[int, tuple[int, int]] = {}
        while at < end:
            self.file.seek(at)
            head = self.file.read(8 + self.lengths)
            number, there = int.from_bytes(head[:2], "little"), int.from_bytes(head[8:], "little")
            if len(head) < 8 + self.lengths or not number:  # index 0 is what is free, up to the end
                break
            at += len(head)
            found.setdefault(number, (at, there))
            at += -(-there // ALIGNED) * ALIGNED
        return found


def _stored(inner: np.dtype, width: int, path: Path, what: str) -> np.dtype:
    """A row with texts as it is stored: each text a reference of `width` bytes, where memory has a pointer."""
    fields = sorted((inner.fields or {}).items(), key=lambda item: item[1][1])
    formats, offsets, moved = [], [], 0
    for name, (kind, at, *_) in fields:
        offsets.append(at + moved)
        formats.append(np.dtype(f"V{width}") if kind.hasobject else kind)
        if not kind.hasobject:
            continue
        if kind.names or h5py.check_string_dtype(kind) is None:
            raise UnreadableFile(
                f"{path}: {what} has lists within its rows ({name}), which cannot be checked before memory is taken"
            )
        moved += width - kind.itemsize
    names = [name for name, _ in fields]
    size = inner.itemsize + moved
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})


def _with_texts(rows: np.ndarray, inner: np.dtype, heap: _Heap, path: Path, what: str) -> np.ndarray:
    """Rows as memory has them, their texts as bytes."""
    found, declared = np.empty(len(rows), inner), 0
    for name in inner.names or ():
        if not inner[name].hasobject:
            found[name] = rows[name]
            continue
        for row, reference in enumerate(rows[name]):
            text = heap.object_at(reference.tobytes(), 1, path, what)
            declared += len(text)
            if declared > heap.size:
                raise UnreadableFile(f"{path}: the texts of {what} have more bytes than the whole file")
            found[name][row] = text
    return found


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
