"""How the CPU kernels are compiled: Numba, cached on disk, with typed decorators.

The cache makes the first call of a process cost milliseconds instead of
seconds; `argoscope.sparse.warm_up` fills it. Numba itself looks only at the file
of the function it compiles, but the code holds what the function calls in other
files too, so the key of the cache holds the sources of all kernels: no kernel
outlives a change of any of them. Where neither the folder of the sources nor the
user's cache folder can be written, every process compiles anew; set
NUMBA_CACHE_DIR to a folder that can. `error_model="numpy"` drops the test for division by zero from every loop. No `fastmath`: the order of every
sum is written down, so that results are the same bit for bit.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.extending import intrinsic

from argoscope.kernel_cache import KernelCache, digest_of_files

__all__ = ["compiled", "machine_code"]

Function = TypeVar("Function", bound=Callable[..., Any])


def digest_of_sources(folder: Path = Path(__file__).parent) -> str:
    """Hash of the sources of everything that ends up in a kernel."""
    return digest_of_files(sorted(folder.glob("*.py")))


SOURCES = digest_of_sources()


def compiled(function: Function) -> Function:
    """Compile `function`; it releases Python's lock while it runs."""
    # `unwrap`: the test suite wraps every function in a type checker, which Numba cannot compile.
    dispatcher: Any = numba.njit(nogil=True, error_model="numpy")(inspect.unwrap(function))
    # What `cache=True` does, with our key. RuntimeError: no folder for the cache can be written.
    with contextlib.suppress(RuntimeError):
        dispatcher._cache = KernelCache(dispatcher.py_func, SOURCES)
    return cast("Function", dispatcher)


def machine_code(function: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a Numba typing function that emits LLVM code into a callable for compiled code.

    The callable takes the arguments of `function` after the first.
    """
    emitter: Callable[..., Any] = intrinsic(prefer_literal=True)(inspect.unwrap(function))
    return emitter
