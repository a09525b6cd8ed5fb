"""Writing HDF5 files so that a full disk is an error and not a crash.

When the system refuses a write, HDF5 keeps the data and tries again when a
dataset or the file is closed, fails again, and takes the process down. So HDF5
writes through a stream of ours: the first refusal is kept, and from then on
writes go nowhere, so that HDF5 can close in peace. `Output.check` raises the
refusal; the file is lost either way, and `atomic_output` never shows it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

__all__ = ["Output", "new_hdf5"]

LIBRARY_VERSION = ("v110", "v110")
"""HDF5 1.10 and later read the file; its metadata carry checksums."""


class _PatientStream(io.RawIOBase):
    """A file that keeps the system's first refusal to write; later writes go nowhere."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("w+b", buffering=0)
        self.refusal: OSError | None = None

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        return self._file.readinto(buffer)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        if self.refusal is None:
            try:
                written = 0
                while written < len(view):
                    written += self._file.write(view[written:]) or 0
            except OSError as error:
                self.refusal = error
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        if self.refusal is None:
            try:
                return self._file.truncate(size)
            except OSError as error:
                self.refusal = error
        return size or 0

    def flush(self) -> None:
        if not self._file.closed:
            self._file.flush()

    def close(self) -> None:
        self._file.close()
        super().close()


@dataclass(frozen=True)
class Output:
    """An HDF5 file being written.

    Parameters
    ----------
    file : h5py.File
    stream : _PatientStream
        Where its bytes go.
    """

    file: h5py.File
    stream: _PatientStream

    def check(self) -> None:
        """Raise the system's refusal, if there was one: call it after each event."""
        if self.stream.refusal is not None:
            raise self.stream.refusal


@contextmanager
def new_hdf5(path: Path) -> Iterator[Output]:
    """Create an HDF5 file to write.

    Parameters
    ----------
    path : Path
        Where; as a rule the temporary name that `atomic_output` gives.

    Yields
    ------
    Output
        The open file, and the check for refused writes.

    Raises
    ------
    OSError
        If the system refused a write: the refusal itself, with its number.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with new_hdf5(Path(folder) / "a.h5") as output:
    ...         output.file["x"] = [1, 2]
    ...     h5py.is_hdf5(f"{folder}/a.h5")
    True
    """
    stream = _PatientStream(path)
    try:
        with h5py.File(stream, "w", libver=LIBRARY_VERSION) as file:
            output = Output(file, stream)
            yield output
        output.check()
    finally:
        stream.close()
