"""How each kind of answer is learned: its loss, the divisor of a step, its validation.

=========  ======================================================
learns     in
=========  ======================================================
pixels     `argoscope.training.pixels`, `argoscope.training.validation`
instances  `argoscope.training.instances`
=========  ======================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import nn

from argoscope.training import instances, validation
from argoscope.training.config import TrainingConfig
from argoscope.training.data import Item
from argoscope.training.pixels import PixelLoss, batch_divisor
from argoscope.training.samples import Samples
from argoscope.training.tasks import task_named

__all__ = ["divisor_of", "loss_of", "require_counted", "validate"]


@dataclass(frozen=True)
class _Learning:
    """The functions of one kind of answer."""

    loss: Callable[[nn.Module, TrainingConfig], nn.Module]
    divisor: Callable[[Item, TrainingConfig], float]
    validate: Callable[[nn.Module, Samples, TrainingConfig], dict[str, float]]
    require_counted: Callable[[Samples, TrainingConfig], None]


_LEARNING: Mapping[str, _Learning] = {
    "pixels": _Learning(
        lambda network, config: PixelLoss(network, config.loss),
        lambda batch, config: batch_divisor(batch, config.loss),
        validation.validate,
        validation.require_counted,
    ),
    "instances": _Learning(
        instances.InstanceLoss,
        lambda batch, _config: instances.instance_divisor(batch),
        instances.validate_instances,
        lambda samples, _config: instances.require_instances(samples),
    ),
}
"""By what a task learns."""


def loss_of(network: nn.Module, config: TrainingConfig) -> nn.Module:
    """The network and its loss as one module, from a batch to the loss of it before the division."""
    return _of(config).loss(network, config)


def divisor_of(batch: Item, config: TrainingConfig) -> float:
    """Share of a part in the divisor of its step."""
    return _of(config).divisor(batch, config)


def validate(network: nn.Module, samples: Samples, config: TrainingConfig) -> dict[str, float]:
    """The numbers of the task that the network reaches on a sample."""
    return _of(config).validate(network, samples, config)


def require_counted(samples: Samples, config: TrainingConfig) -> None:
    """Refuse a sample of which `validate` could count nothing."""
    _of(config).require_counted(samples, config)


def _of(config: TrainingConfig) -> _Learning:
    return _LEARNING[task_named(config.task).learns]
