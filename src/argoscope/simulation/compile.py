"""How the kernels of the simulation are compiled: Numba, cached on disk, with typed decorators.

Kernels of the transport only read and write arrays that Python made, so they
do without Numba's reference counts (`_nrt=False`): 2.5 times faster, measured.
Kernels that make arrays are `allocating`. No `fastmath`, but for noise: the
order of every sum is written down.

The key of the cache holds the sources of the modules that a kernel's module
imports, directly or not: after a change in one of them kernels are compiled
anew. Where neither the folder of the sources nor the user's cache folder can
be written, every process compiles; set NUMBA_CACHE_DIR to a folder that can.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from argoscope.kernel_cache import KernelCache, digest_of_files, imported_files

__all__ = ["allocating", "compiled", "inner"]

Function = TypeVar("Function", bound=Callable[..., Any])
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_WITHOUT_ARRAYS: dict[str, Any] = {"_nrt": False}
_WITHOUT_DOOR: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


@lru_cache(maxsize=256)
def digest_of_module(file: str) -> str:
    """Hash of a module's source and of those it imports."""
    return digest_of_files(imported_files(Path(file)))


def _kept(function: Callable[..., Any], **options: Any) -> Any:
    # `unwrap`: the test suite wraps every function in a type checker, which Numba cannot compile.
    plain = inspect.unwrap(function)
    dispatcher: Any = numba.njit(**_OPTIONS, **options)(plain)
    # What `cache=True` does, with our key. RuntimeError: no folder for the cache can be written.
    with contextlib.suppress(RuntimeError):
        dispatcher._cache = KernelCache(plain, digest_of_module(plain.__code__.co_filename))
    return dispatcher


def compiled(function: Function) -> Function:
    """Compile `function`; Python and other kernels may call it. It makes no arrays."""
    return cast("Function", _kept(function, **_WITHOUT_ARRAYS))


def inner(function: Function) -> Function:
    """Compile `function` for other kernels alone, without the door to Python that takes longest to compile."""
    return cast("Function", _kept(function, **_WITHOUT_ARRAYS, **_WITHOUT_DOOR))


def allocating(function: Function) -> Function:
    """Compile `function`, which makes arrays; Python and other kernels may call it."""
    return cast("Function", _kept(function))
