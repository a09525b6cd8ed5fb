"""Several events at once, one thread each: more events per second than all threads on one event.

Compiled kernels release Python's lock, so Python threads suffice. Results are
bit for bit those of one event after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

from argoscope.errors import InvalidArgument
from argoscope.sparse.convolution import inverse_convolution, strided_convolution, submanifold_convolution
from argoscope.sparse.normalization import BatchNorm
from argoscope.sparse.tensor import SparseTensor

__all__ = ["map_events", "warm_up"]

Event = TypeVar("Event")
Result = TypeVar("Result")


def map_events(
    function: Callable[[Event], Result], events: Iterable[Event], *, workers: int | None = None
) -> Iterator[Result]:
    """Apply a function to events, several at once, each on one thread.

    Parameters
    ----------
    function : callable
        For instance a network in evaluation mode. Runs without gradients.
    events : iterable
        Read ahead of the results.
    workers : int, optional
        Events at once; by default torch's number of threads.

    Yields
    ------
    object
        Results, in the order of the events.

    Raises
    ------
    InvalidArgument
        If `workers` is not positive.

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 1, 1], [0, 1, 2]], torch.ones(2, 1), shape=(4, 5))
    >>> double = lambda event: submanifold_convolution(event, torch.full((1, 1, 1), 2.0), kernel=1)
    >>> [y.features.sum().item() for y in map_events(double, [x, x], workers=2)]
    [4.0, 4.0]
    """
    before = torch.get_num_threads()
    count = before if workers is None else workers
    if count < 1:
        raise InvalidArgument(f"workers (={workers}) must be at least 1.")

    def one(event: Event) -> Result:
        with torch.no_grad():
            return function(event)

    try:
        with ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield from pool.map(one, events)
    finally:
        # torch keeps the number for each thread, but new threads start from the last one set.
        torch.set_num_threads(before)


def warm_up(dtype: torch.dtype = torch.float32, *, training: bool = False) -> None:
    """Compile the CPU kernels, or load them from the disk cache, before the first event.

    Parameters
    ----------
    dtype : torch.dtype
        `torch.float32` or `torch.float64`.
    training : bool
        Whether the kernels of the backward pass are wanted too.

    Examples
    --------
    >>> warm_up()
    """
    before = torch.get_num_threads()
    coordinates = torch.tensor([[0, 0, 1], [0, 1, 0]])
    try:
        for threads in {1, before}:
            torch.set_num_threads(threads)
            with torch.set_grad_enabled(training):
                x = SparseTensor.from_coordinates(coordinates, torch.ones(2, 1, dtype=dtype), shape=(4, 5))
                norm = BatchNorm(1, relu=True).to(dtype).train(training)
                weight = torch.ones(9, 1, 1, dtype=dtype, requires_grad=training)
                y = norm(submanifold_convolution(x, weight))
                z = strided_convolution(y, weight[:4])
                out = inverse_convolution(z, weight[:4], onto=x.index).features.sum()
                if training:
                    torch.autograd.backward(out)
    finally:
        torch.set_num_threads(before)
