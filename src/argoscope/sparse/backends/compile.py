"""How the CPU kernels are compiled: Numba, cached on disk, with typed decorators.

The cache makes the first call of a process cost milliseconds instead of
seconds; `argoscope.sparse.warm_up` fills it. `error_model="numpy"` drops the
test for division by zero from every loop. No `fastmath`: the order of every
sum is written down, so that results are the same bit for bit.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.extending import intrinsic

__all__ = ["compiled", "machine_code"]

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile `function`; it releases Python's lock while it runs."""
    # `unwrap`: the test suite wraps every function in a type checker, which Numba cannot compile.
    return cast("Function", numba.njit(cache=True, nogil=True, error_model="numpy")(inspect.unwrap(function)))


def machine_code(function: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a Numba typing function that emits LLVM code into a callable for compiled code.

    The callable takes the arguments of `function` after the first.
    """
    emitter: Callable[..., Any] = intrinsic(prefer_literal=True)(inspect.unwrap(function))
    return emitter
