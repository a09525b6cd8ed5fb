"""Every compiled kernel, made before the first event.

Numba compiles a kernel when it is first called with arguments of some types,
and keeps the code on disk. Here each is called once: those of the sparse engine
by a small network, forward and backward, those of the simulation by one event
of three presets. Between them they call every kernel that a network in float32
or a preset calls; those that only `argoscope validate` needs it compiles itself.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from numba.core.dispatcher import Dispatcher

from argoscope.simulation.chain import simulation_named
from argoscope.sparse import warm_up

__all__ = ["compile_kernels"]


def _simulate(preset: str) -> None:
    simulation_named(preset, seed=1).event(0)


WORK: Mapping[str, Callable[[], None]] = {
    "sparse engine": warm_up,
    "sparse engine, training": partial(warm_up, training=True),
    "simulation of cubes": partial(_simulate, "cube-192"),
    "simulation of planes": partial(_simulate, "sbnd"),
    "simulation of prolonged tracks": partial(_simulate, "paper3"),
}
"""What calls the kernels, by what it stands for."""


def compile_kernels(report: Callable[[str, int, int], None] = lambda *_: None) -> dict[str, Any]:
    """Compile the kernels of the sparse engine and the simulation; load those that are on disk already.

    Parameters
    ----------
    report : callable
        Called with what is done, its number from 0 and how many there are.

    Returns
    -------
    dict
        ``parts``, each with ``name``, ``compiled`` (names of the kernels), ``loaded`` (number of those that were on
        disk) and ``seconds``; ``seconds`` in all; ``folders`` that keep the code, none where none can be written.
    """
    start, parts = time.monotonic(), []
    for number, (name, work) in enumerate(WORK.items()):
        report(f"compiling the {name}", number, len(WORK))
        parts.append(_part(name, work))
    folders = {kernel.stats.cache_path for kernel in _kernels().values()} - {None}
    return {"parts": parts, "seconds": time.monotonic() - start, "folders": sorted(folders)}


def _part(name: str, work: Callable[[], None]) -> dict[str, Any]:
    """Do a piece of work and say which kernels it compiled, and how many it loaded."""
    start, compiled, loaded = time.monotonic(), _count("cache_misses"), _count("cache_hits")
    work()
    return {
        "name": name,
        "compiled": sorted(set(_count("cache_misses") - compiled)),
        "loaded": (_count("cache_hits") - loaded).total(),
        "seconds": time.monotonic() - start,
    }


def _count(what: str) -> Counter[str]:
    """How often each kernel was compiled or loaded so far, for other kinds of arguments each time."""
    return Counter({name: getattr(kernel.stats, what).total() for name, kernel in _kernels().items()})


def _kernels() -> dict[str, Any]:
    """Every kernel of the modules that are loaded, by module and name."""
    modules = [module for name, module in sys.modules.items() if name.startswith("argoscope.")]
    kernels = [
        thing for module in modules for thing in vars(module).values() if isinstance(thing, Dispatcher)
    ]
    return {f"{kernel.py_func.__module__}.{kernel.py_func.__qualname__}": kernel for kernel in kernels}
