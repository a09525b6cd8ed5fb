"""The trees of a larcv ROOT file: one a product, and the bytes of one event of one column.

uproot opens the file, lists the trees and unpacks their baskets; what is in a
basket is decoded here, because larcv streams its vectors member by member, an
order that uproot 5.7 does not read:

    numbers             n values, big-endian; n from the basket's table of offsets
    vector<float>[]     header, then for each element: count, values
    vector<Voxel>[]     header, then for each element: count, all ids, all values
    vector<VoxelSet>[]  header, then for each element: count, all numbers, and the vectors of voxels as above

A header is a byte count (4 bytes, bit 30 set) and a version (2 bytes; bit 14
says "member by member"), then the version of the class, where 0 announces a
checksum of 4 bytes. Every byte count is checked against what is decoded.

References
----------
ROOT, "TFile physical layout" and TStreamerInfo; as found in the files themselves.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.errors import ArgoscopeError, InvalidArgument, UnreadableFile, nearest_hint
from argoscope.files.safety import reading

__all__ = ["Buffer", "Table", "reading_root"]

BYTE_COUNT = 0x40000000
"""Flag of a byte count (ROOT's kByteCountMask)."""
MEMBER_WISE = 0x4000
"""Flag of a version: the elements are streamed member by member (ROOT's kStreamedMemberWise)."""
MAX_BASKET = 2**29
"""Bytes of an unpacked basket: three dense images of 10,000 wires and 4,000 ticks are 480 million. ROOT allows twice that."""
MAX_KEPT = 2**26
"""Unpacked baskets up to this many bytes are kept for the next event."""


@contextmanager
def reading_root(path: Path, what: str) -> Iterator[None]:
    """Turn whatever uproot and the decompressors raise into one `UnreadableFile`.

    Their own exceptions (DeserializationError, zlib.error, struct.error, ...)
    have nothing in common but `Exception`.
    """
    try:
        with reading(path, what):
            try:
                yield
            except InvalidArgument as error:
                raise UnreadableFile(f"{path}: {what}: {error}") from error
    except ArgoscopeError:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnreadableFile(
            f"{path}: {what} cannot be read ({reason}): the file is damaged or incomplete"
        ) from error


class Buffer:
    """The bytes of one event of one column, taken from the front.

    Parameters
    ----------
    data : ndarray, shape (n,), uint8

    Raises
    ------
    ValueError
        From every method, where the bytes do not say what they should.
    """

    def __init__(self, data: np.ndarray) -> None:
        self.data = data
        self.at = 0

    def take(self, dtype: str, count: int = 1) -> np.ndarray:
        """The next `count` numbers."""
        end = self.at + np.dtype(dtype).itemsize * count
        if end > len(self.data):
            raise ValueError(f"{count} numbers are announced and the bytes end before")
        out = np.frombuffer(self.data[self.at : end], dtype=dtype)
        self.at = end
        return out

    def number(self, dtype: str) -> int:
        """The next integer."""
        return int(self.take(dtype)[0])

    def header(self) -> tuple[int, bool]:
        """Read a byte count and a version: where the object ends, and whether it comes member by member."""
        count = self.number(">u4")
        end = self.at + (count & ~BYTE_COUNT)
        if not count & BYTE_COUNT or end > len(self.data):
            raise ValueError("a byte count is missing or points outside")
        return end, bool(self.number(">u2") & MEMBER_WISE)

    def class_version(self) -> None:
        """Pass the version of a class, and its checksum where it has one."""
        if self.number(">u2") == 0:
            self.take(">u4")

    def elements(self) -> int:
        """Pass the header of a vector that is streamed member by member; where it ends."""
        end, member_wise = self.header()
        if not member_wise:
            raise ValueError("its elements are streamed one by one, which no larcv file was seen to do")
        self.class_version()
        return end

    def require_end(self, end: int) -> None:
        """Check that as many bytes were decoded as announced."""
        if self.at != end:
            raise ValueError(f"{end} bytes are announced and {self.at} decoded")

    def voxels(self, sets: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Read `sets` vectors of voxels: ids (uint64) and values (float32) of each."""
        end = self.elements()
        out = []
        for _ in range(sets):
            count = self.number(">u4")
            out.append((self.take(">u8", count), self.take(">f4", count)))
        self.require_end(end)
        return out


class Table:
    """One product of the file: its tree, its branches by name, one event at a time.

    Parameters
    ----------
    path : Path
        The file, for messages.
    name : str
        The product, ``"{kind}_{producer}"``.
    tree : uproot.TTree
    set_number : str
        Type of the number of a set of voxels: ">u2" in older files, ">u8" in newer ones.
    """

    def __init__(self, path: Path, name: str, tree: Any, set_number: str = ">u8") -> None:
        self.path = path
        self.name = name
        self.set_number = set_number
        self.entries = int(tree.num_entries)
        top = tree.branches
        self.class_name = str(top[0].member("fClassName", none_if_missing=True) or "") if len(top) else ""
        # Only the last part of a branch's path is the same in every generation of the files.
        self.branches = {name.split("/")[-1]: branch for name, branch in tree.iteritems(recursive=True)}
        self._kept: dict[str, tuple[int, np.ndarray, np.ndarray | None]] = {}

    def __contains__(self, column: str) -> bool:
        return column in self.branches

    def buffer(self, column: str, index: int) -> Buffer:
        """The bytes of one event in a column that holds vectors or strings.

        Raises
        ------
        UnreadableFile
            If there is no such column.
        ValueError, and whatever uproot raises
            If the file is damaged; callers are inside `reading_root`.
        """
        data, offsets, row = self._basket(column, index)
        if offsets is None:
            raise ValueError(f"{column} has no table of offsets")
        return Buffer(data[offsets[row] : offsets[row + 1]])

    def numbers(self, column: str, index: int) -> np.ndarray:
        """The numbers of one event in a column, shape (n,); n is 1 for a plain number."""
        data, offsets, row = self._basket(column, index)
        kind = self.branches[column].interpretation
        plain = getattr(kind, "content", kind)
        dtype = getattr(plain, "from_dtype", None)
        if dtype is None or dtype.shape != () or dtype.kind not in "biuf":
            raise ValueError(f"{column} does not hold plain numbers")
        if plain is kind:
            return data[row * dtype.itemsize : (row + 1) * dtype.itemsize].view(dtype)
        if offsets is None:
            raise ValueError(f"{column} has no table of offsets")
        return data[offsets[row] + kind.header_bytes : offsets[row + 1]].view(dtype)

    def number(self, column: str, index: int) -> float:
        """The one number of one event in a column."""
        values = self.numbers(column, index)
        if len(values) != 1:
            raise ValueError(f"{column} has {len(values)} values where there should be one")
        return values[0].item()

    def _basket(self, column: str, index: int) -> tuple[np.ndarray, np.ndarray | None, int]:
        """Unpacked basket that holds an event, its offsets, and the event's row in it."""
        branch = self._branch(column)
        starts = branch.entry_offsets
        number = bisect_right(starts, index) - 1
        if not 0 <= number < branch.num_baskets or starts[-1] != self.entries:
            raise ValueError(f"{column} holds {starts[-1]} of {self.entries} events")
        kept = self._kept.get(column)
        if kept is None or kept[0] != number:
            kept = (number, *_unpacked(branch, number, starts[number + 1] - starts[number]))
            self._kept.pop(column, None)
            if len(kept[1]) <= MAX_KEPT:
                self._kept[column] = kept
        return kept[1], kept[2], index - starts[number]

    def _branch(self, column: str) -> Any:
        if column not in self.branches:
            raise UnreadableFile(
                f"{self.path}: {self.name} ({self.class_name}) has no column {column!r}. "
                f"{nearest_hint(column, self.branches)} The file is of a generation that is not known here."
            )
        return self.branches[column]


def _unpacked(branch: Any, number: int, rows: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Bytes of one basket and its offsets, which are checked."""
    size = branch.basket_uncompressed_bytes(number)
    if size > MAX_BASKET:
        raise ValueError(f"a basket declares {size} bytes, where {MAX_BASKET} are allowed")
    basket = branch.basket(number)
    data = np.asarray(basket.data)
    if basket.byte_offsets is None:
        return data, None
    offsets = np.asarray(basket.byte_offsets, dtype=np.int64)
    if len(offsets) != rows + 1 or offsets[0] < 0 or offsets[-1] > len(data) or (np.diff(offsets) < 0).any():
        raise ValueError("the offsets of a basket do not rise within it")
    return data, offsets
