"""Numba's disk cache for compiled kernels, keyed so that none outlives a change of what it was made from.

Numba looks only at the file of the function it compiles, but the code holds
what the function calls in other files too, and their constants. Here the key
of the cache holds a digest besides: of all sources of a package, or of the
modules that a kernel's own module imports, directly or not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from numba.core.caching import FunctionCache

__all__ = ["KernelCache", "digest_of_files", "imported_files"]

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(argoscope[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+(argoscope[\w.]*))",
    re.MULTILINE,
)


class KernelCache(FunctionCache):
    """Numba's disk cache, with a digest of sources in the key.

    Parameters
    ----------
    function : callable
        What is compiled.
    sources : str
        The digest.

    Raises
    ------
    RuntimeError
        If no folder for the cache can be written.
    """

    def __init__(self, function: Any, sources: str) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        self.sources = sources

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return (*super()._index_key(sig, codegen), self.sources)  # type: ignore[no-untyped-call]


def digest_of_files(files: Iterable[Path]) -> str:
    """Hash of the contents of files, in the order given."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def imported_files(file: Path, package: Path = Path(__file__).parent) -> list[Path]:
    """A file of the package and those it imports from the package, directly or not.

    Parameters
    ----------
    file : Path
    package : Path
        Folder of the package.

    Returns
    -------
    list of Path
        Sorted.

    Examples
    --------
    >>> [path.name for path in imported_files(Path(__file__).with_name("units.py"))]
    ['units.py']
    """
    found, to_read = {file}, [file]
    while to_read:
        new = set(_imports(to_read.pop(), package)) - found
        found |= new
        to_read += new
    return sorted(found)


@lru_cache(maxsize=1024)
def _imports(file: Path, package: Path) -> tuple[Path, ...]:
    """Files that one file imports."""
    files = []
    for module, names, plain in _IMPORT.findall(file.read_text(encoding="utf-8")):
        folder = package.joinpath(*(module or plain).split(".")[1:])
        files += [folder.with_suffix(".py"), folder / "__init__.py"]
        files += [folder / f"{name}.py" for name in re.findall(r"\w+", names)]
    return tuple(sorted({path for path in files if path.is_file()}))
