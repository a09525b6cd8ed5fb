"""Variable-length rows of an HDF5 dataset, whose lengths are looked at before memory is taken for them.

HDF5 takes memory for the length that a file declares before it looks for the
numbers: four damaged bytes could take 16 GB. A row is stored as its length, in
four bytes, and where the numbers lie (HDF5 file format specification, IV.B);
such references lie in the dataset itself, which may be compressed by gzip (HDF5
takes neither its shuffling nor its checksums for them). They are unpacked here,
no further than to the size that the chunk has.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import h5py
import numpy as np

from argoscope.errors import UnreadableFile
from argoscope.files.safety import reading

__all__ = ["read_list"]


def read_list(data: h5py.Dataset, index: int, path: Path, what: str) -> np.ndarray:
    """Read one variable-length row, refusing a length that the file cannot hold.

    Parameters
    ----------
    data : Dataset
        One row an entry.
    index : int
    path : Path
        Of the file, for messages.
    what : str
        What is read, for messages.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    UnreadableFile
        If the row cannot be read, declares more bytes than the file has, or its length cannot be seen.
    """
    inner = h5py.check_vlen_dtype(data.dtype)
    with reading(path, what):
        declared = _declared_length(data, index, path) * inner.itemsize
        if declared > path.stat().st_size:
            raise UnreadableFile(
                f"{path}: {what} declares {declared} bytes, more than the whole file has: the file is damaged"
            )
        return np.asarray(data[index])


def _declared_length(data: h5py.Dataset, index: int, path: Path) -> int:
    """Number of entries that a row declares; 0 where it was never written."""
    # Length and place: 4 bytes, the size of addresses in this file, 4.
    width = 8 + data.file.id.get_create_plist().get_sizes()[0]
    if data.chunks is None:
        start = data.id.get_offset()
        if start is None:
            return 0
        with path.open("rb") as file:
            file.seek(start + index * width)
            return int.from_bytes(file.read(4), "little")
    place = index % data.chunks[0]
    chunk = _chunk(data, index - place, data.chunks[0] * width, path)
    return int.from_bytes(chunk[place * width : place * width + 4], "little")


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
