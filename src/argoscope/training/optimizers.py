"""Optimizers and learning rates of the papers.

The rate of a step is a pure function of its number:

=============  ==========================================================================
constant       rate
steps          rate times `factor` after each of `milestones` (paper 2: 0.1)
exponential    rate times `factor` every `period` steps, no less than `floor` (paper 0)
cosine         from rate to `floor` along half a cosine, over the whole training
=============  ==========================================================================

Each may start with `warmup` steps in which the rate rises linearly from
`warmup_from`, and `flat` steps at the full rate before it falls.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

from argoscope.errors import InvalidArgument

__all__ = ["OptimizerConfig", "ScheduleConfig", "make_optimizer", "rate_at"]


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    """Optimizer and its numbers; defaults are paper 4's Adam.

    Parameters
    ----------
    name : {"adam", "adamw", "sgd", "rmsprop"}
    rate : float
        Learning rate before the schedule.
    momentum : float
        Of sgd and rmsprop.
    betas : tuple of float
        Of adam and adamw.
    epsilon : float
        Added to the root of the second moment (paper 0's RMSprop: 1e-4).
    decay : float
        Weight decay.
    clip : float, optional
        Largest norm of the gradient of all weights together.

    Raises
    ------
    InvalidArgument
        If a number is not finite, not positive, or negative, where it must not be.
    """

    name: Literal["adam", "adamw", "sgd", "rmsprop"] = "adam"
    rate: float = 1e-3
    momentum: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    decay: float = 0.0
    clip: float | None = None

    def __post_init__(self) -> None:
        for name in ("rate", "epsilon"):
            if not 0 < getattr(self, name) < math.inf:
                raise InvalidArgument(
                    f"optimizer {name} (={getattr(self, name)}) must be positive and finite"
                )
        for name in ("momentum", "decay"):
            if not 0 <= getattr(self, name) < math.inf:
                raise InvalidArgument(
                    f"optimizer {name} (={getattr(self, name)}) must be finite and not negative"
                )
        if not all(0 <= beta < 1 for beta in self.betas):
            raise InvalidArgument(f"optimizer betas (={list(self.betas)}) must be from 0 to below 1")
        if self.clip is not None and not 0 < self.clip < math.inf:
            raise InvalidArgument(
                f"optimizer clip (={self.clip}) must be positive and finite; leave it out for none"
            )


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """How the rate changes; see the module's text.

    Raises
    ------
    InvalidArgument
        If a number is negative or not finite.
    """

    name: Literal["constant", "steps", "exponential", "cosine"] = "constant"
    warmup: int = 0
    warmup_from: float = 0.0
    flat: int = 0
    milestones: tuple[int, ...] = ()
    factor: float = 0.1
    period: int = 1
    floor: float = 0.0

    def __post_init__(self) -> None:
        for name in ("warmup", "warmup_from", "flat", "floor", "factor"):
            if not 0 <= getattr(self, name) < math.inf:
                raise InvalidArgument(
                    f"schedule {name} (={getattr(self, name)}) must be finite and not negative"
                )
        if any(step < 0 for step in self.milestones):
            raise InvalidArgument(f"schedule milestones (={list(self.milestones)}) must be steps from 0 on")
        if self.period < 1:
            raise InvalidArgument(f"schedule period (={self.period}) must be at least 1")


def rate_at(step: int, rate: float, schedule: ScheduleConfig, steps: int) -> float:
    """Learning rate of one step.

    Parameters
    ----------
    step : int
        From 0.
    rate : float
        The full rate.
    schedule : ScheduleConfig
    steps : int
        Steps of the whole training.

    Examples
    --------
    >>> paper2 = ScheduleConfig(name="steps", milestones=(10,), factor=0.1)
    >>> rate_at(9, 1.0, paper2, 20), rate_at(10, 1.0, paper2, 20)
    (1.0, 0.1)
    """
    if step < schedule.warmup:
        return schedule.warmup_from + (rate - schedule.warmup_from) * step / schedule.warmup
    since = max(0, step - schedule.warmup - schedule.flat)
    if schedule.name == "steps":
        return rate * schedule.factor ** sum(step >= milestone for milestone in schedule.milestones)
    if schedule.name == "exponential":
        return max(rate * schedule.factor ** (since // schedule.period), schedule.floor)
    if schedule.name == "cosine":
        whole = max(1, steps - schedule.warmup - schedule.flat)
        return (
            schedule.floor + (rate - schedule.floor) * (1 + math.cos(math.pi * min(since / whole, 1.0))) / 2
        )
    return rate


def make_optimizer(
    config: OptimizerConfig, weights: Iterable[nn.Parameter], *, fused: bool = True
) -> torch.optim.Optimizer:
    """Build the optimizer.

    Parameters
    ----------
    config : OptimizerConfig
    weights : iterable of Parameter
    fused : bool
        Whether adam and adamw update all weights in one pass.
    """
    common: dict[str, Any] = {"lr": config.rate, "weight_decay": config.decay}
    if config.name in {"adam", "adamw"}:
        kind: Any = torch.optim.Adam if config.name == "adam" else torch.optim.AdamW
        return kind(weights, betas=config.betas, eps=config.epsilon, fused=fused, **common)
    if config.name == "sgd":
        return torch.optim.SGD(weights, momentum=config.momentum, **common)
    return torch.optim.RMSprop(weights, momentum=config.momentum, eps=config.epsilon, **common)
