"""Several events at once, one thread each: more events per second than all threads on one event.

Compiled kernels release Python's lock, so Python threads suffice. Results are
bit for bit those of one event after the other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier
from typing import TypeVar

import torch

from argoscope.errors import InvalidArgument
from argoscope.sparse.convolution import inverse_convolution, strided_convolution, submanifold_convolution
from argoscope.sparse.normalization import BatchNorm
from argoscope.sparse.tensor import SparseTensor, concatenate

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
        For instance a network in evaluation mode. Runs without gradients,
        under autocast or in inference mode if that is on where `map_events` is
        called. Must not change what events share: a normalization in training
        mode would, inside a function of your own too.
    events : iterable
        Read ahead of the results by no more than twice `workers`.
    workers : int, optional
        Events at once; by default torch's number of threads.

    Returns
    -------
    iterator
        Results, in the order of the events.

    Raises
    ------
    InvalidArgument
        If `workers` is no positive integer, or `function` a network of which
        a part is in training mode.

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 1, 1], [0, 1, 2]], torch.ones(2, 1), shape=(4, 5))
    >>> double = lambda event: submanifold_convolution(event, torch.full((1, 1, 1), 2.0), kernel=1)
    >>> [y.features.sum().item() for y in map_events(double, [x, x], workers=2)]
    [4.0, 4.0]
    """
    count = torch.get_num_threads() if workers is None else workers
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise InvalidArgument(f"workers (={workers}) must be at least 1, a whole number of events at once.")

    if isinstance(function, torch.nn.Module) and any(part.training for part in function.modules()):
        raise InvalidArgument(
            f"function (={type(function).__name__}) is in training mode, or a part of it, and events at once would "
            f"change its running averages in any order; call .eval() on it first."
        )
    mode = _callers_mode()

    def one(event: Event) -> Result:
        with mode():
            return function(event)

    return _window(one, iter(events), count)


def _callers_mode() -> Callable[[], ExitStack]:
    """Function that brings the calling thread's autocast and inference mode, without gradients, to any thread."""
    inference = torch.is_inference_mode_enabled()
    casts = [
        (kind, torch.get_autocast_dtype(kind)) for kind in ("cpu", "cuda") if torch.is_autocast_enabled(kind)
    ]
    cached = torch.is_autocast_cache_enabled()

    def mode() -> ExitStack:
        stack = ExitStack()
        stack.enter_context(torch.inference_mode() if inference else torch.no_grad())
        for kind, dtype in casts:
            stack.enter_context(torch.autocast(kind, dtype=dtype, cache_enabled=cached))
        return stack

    return mode


def _window(one: Callable[[Event], Result], events: Iterator[Event], workers: int) -> Iterator[Result]:
    """Results in order, `2 * workers` events at once handed to threads of one torch thread each."""
    running: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        _limit_to_one_thread(pool, workers)
        try:
            for event in events:
                running.append(pool.submit(one, event))
                if len(running) == 2 * workers:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()


def _limit_to_one_thread(pool: ThreadPoolExecutor, workers: int) -> None:
    """Set torch's number of threads to 1 on every thread of the pool, and nowhere else.

    torch keeps the number for each thread, but a new thread starts from the last one set on any, so it is set
    back here, before a result is yielded and whoever reads them may stop.
    """
    before = torch.get_num_threads()
    together = Barrier(workers)

    def limit() -> None:
        # A thread's first look at the number sets it to the last one set on any: look before setting it.
        torch.get_num_threads()
        torch.set_num_threads(1)
        # Each thread of the pool runs this once: none comes back for another before all have come.
        together.wait()

    try:
        for started in [pool.submit(limit) for _ in range(workers)]:
            started.result()
    finally:
        torch.set_num_threads(before)


def warm_up(dtype: torch.dtype = torch.float32, *, training: bool = False) -> None:
    """Compile the CPU kernels, or load them from the disk cache, before the first event.

    Parameters
    ----------
    dtype : torch.dtype
        `torch.float32` or `torch.float64`.
    training : bool
        Whether the kernels of the backward pass are wanted too.

    Raises
    ------
    InvalidArgument
        If the dtype is another, for which there are no kernels.

    Examples
    --------
    >>> warm_up()
    """
    if dtype not in (torch.float32, torch.float64):
        raise InvalidArgument(
            f"dtype (={dtype!r}) must be torch.float32 or torch.float64; backend 'numba' has kernels for no other."
        )
    before = torch.get_num_threads()
    # Two tiles, and more work than one thread does sooner alone: helpers must be asked.
    side, width = 32, 32
    coordinates = torch.cartesian_prod(
        torch.zeros(1, dtype=torch.long), torch.arange(side), torch.arange(side)
    )
    try:
        for threads in {1, before}:
            torch.set_num_threads(threads)
            with torch.set_grad_enabled(training):
                ones = torch.ones(len(coordinates), width, dtype=dtype)
                x = SparseTensor.from_coordinates(coordinates, ones, shape=(side, side))
                norm = BatchNorm(width, relu=True).to(dtype).train(training)
                weight = torch.ones(9, width, width, dtype=dtype, requires_grad=training)
                y = norm(submanifold_convolution(x, weight))
                z = strided_convolution(y, weight[:4])
                back = inverse_convolution(z, weight[:4], onto=x.index)
                bias = torch.ones(width, dtype=dtype, requires_grad=training)
                last = torch.ones(1, 2 * width, width, dtype=dtype)
                scores = submanifold_convolution(concatenate([y, back]), last, bias, kernel=1)
                x.index.coarser(3)  # windows that overlap are found by a kernel of their own
                out = scores.features.sum()
                if training:
                    torch.autograd.backward(out)
    finally:
        torch.set_num_threads(before)
