"""The processes of a training: lightning-fabric, with its refusals and ends in our words.

With several devices the command starts itself once more for each; those
processes take the same steps and say nothing. An error that all of them see is
said by the first. One that a single process meets ends all: the first ends its
children, and children that die take the first with them.
"""

from __future__ import annotations

import signal
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import DataLoader

from argoscope.errors import ArgoscopeError, InvalidArgument, Stopped, StorageError
from argoscope.training.config import TrainingConfig
from argoscope.training.data import Item, collate

if TYPE_CHECKING:
    from lightning_fabric import Fabric

__all__ = ["ending_together", "joined", "loader_of", "make_fabric", "read_plainly"]

_FOUND: Mapping[str, Callable[[], bool]] = {
    "cuda": torch.cuda.is_available,
    "mps": torch.backends.mps.is_available,
}
"""Whether torch finds a device of an accelerator; the others are always there."""


def make_fabric(config: TrainingConfig) -> Fabric:
    """Devices and precision of a configuration; its processes are not started yet.

    Raises
    ------
    InvalidArgument
        If lightning-fabric is not installed, or this machine has no such device.
    """
    try:
        from lightning_fabric import Fabric
        from lightning_fabric.utilities.exceptions import MisconfigurationException
    except ModuleNotFoundError as error:
        raise InvalidArgument(
            "training needs lightning-fabric: install it with pip install 'argoscope[train]'"
        ) from error
    if not _FOUND.get(config.accelerator, lambda: True)():
        raise InvalidArgument(
            f"accelerator (={config.accelerator!r}): torch finds no such device on this machine. Train without "
            "(--set accelerator=auto takes what there is), or install the torch of its driver"
        )
    try:
        with warnings.catch_warnings():
            # On a machine of a SLURM farm a training of one process needs no srun.
            warnings.filterwarnings("ignore", message="The `srun` command is available")
            return Fabric(accelerator=config.accelerator, devices=config.devices, precision=config.precision)
    except (MisconfigurationException, RuntimeError, ValueError) as error:
        raise InvalidArgument(
            f"accelerator (={config.accelerator!r}), devices (={config.devices}) and precision "
            f"(={config.precision!r}) cannot be had together here, take others: {error}"
        ) from error


def joined(fabric: Fabric, number: float) -> float:
    """Sum of a number over the processes."""
    if fabric.world_size == 1:
        return number
    sums: Any = torch.tensor(number, dtype=torch.float64, device=fabric.device)
    return float(fabric.all_reduce(sums, reduce_op="sum"))  # type: ignore[arg-type]  # a tensor gives a tensor


@contextmanager
def ending_together(fabric: Fabric) -> Iterator[None]:
    """Let no process wait for one that ended with an error.

    Raises
    ------
    Stopped
        If another process ended in the middle of a step.
    """
    try:
        yield
    except BaseException as error:
        for child in getattr(fabric.strategy.launcher, "procs", ()):
            child.kill()
        if isinstance(error, RuntimeError) and _lost_another(fabric, error):
            raise Stopped(
                "another process of the training ended, see its message; go on with --resume"
            ) from error
        raise


def _lost_another(fabric: Fabric, error: RuntimeError) -> bool:
    text = str(error).lower()
    return fabric.world_size > 1 and any(word in text for word in ("gloo", "nccl", "connection"))


def loader_of(samples: Any, plan: Any, workers: int) -> DataLoader[Item]:
    """A loader whose worker processes are spawned: a fork would copy locks of running threads."""
    context = "spawn" if workers else None
    return DataLoader(
        samples, batch_sampler=plan, collate_fn=collate, num_workers=workers, multiprocessing_context=context,
        worker_init_fn=_leave_signals,
    )  # fmt: skip


def _leave_signals(_worker: int) -> None:
    """Stop requests often go to a whole group of processes: the first ends the workers when it is done."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)


def read_plainly(parts: Iterable[Item]) -> Iterator[Item]:
    """The parts, errors of worker processes without the traceback that torch writes into their message.

    Raises
    ------
    StorageError
        If a worker was killed.
    """
    try:
        yield from parts
    except ArgoscopeError as error:
        if "Original Traceback" not in str(error):
            raise
        raise type(error)(str(error).strip().splitlines()[-1].partition(": ")[2]) from error
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        raise StorageError(
            "a process that reads events was killed, most often for want of memory: lower data.workers and go on "
            "with --resume"
        ) from error
