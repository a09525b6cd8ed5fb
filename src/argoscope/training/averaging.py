"""The running average of a network's weights, which is steadier than the last of them.

    average <- average + (1 - d) (weights - average)        d = min(decay, (1 + step) / (10 + step))

after each step, counted from 1: the first weights, which say nothing, are soon forgotten.
The running averages of norms are averaged in the same way; whole numbers are
those of the network.

References
----------
Polyak & Juditsky, SIAM J. Control Optim. 30 (1992) 838; the beginning: ``num_updates`` of TensorFlow's ExponentialMovingAverage.
"""

from __future__ import annotations

import copy

import torch
from torch import nn

__all__ = ["average_of", "decay_at", "follow"]


def average_of(network: nn.Module) -> nn.Module:
    """A network whose weights are to be averages, and are those of the network as it is; nothing trains them."""
    return copy.deepcopy(network).requires_grad_(requires_grad=False)


def decay_at(step: int, decay: float) -> float:
    """Weight of the average before a step.

    Parameters
    ----------
    step : int
        From 1.
    decay : float
        Its limit.

    Examples
    --------
    >>> [round(decay_at(step, 0.9), 3) for step in (1, 8, 1000)]
    [0.182, 0.5, 0.9]
    """
    return min(decay, (1 + step) / (10 + step))


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, *, step: int, decay: float) -> None:
    """Move an average towards the weights after a step; the average is changed.

    Parameters
    ----------
    average, network : Module
        Of the same weights.
    step : int
        From 1.
    decay : float

    Examples
    --------
    >>> network = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.zeros_(network.weight)
    >>> average = average_of(network)
    >>> _ = nn.init.ones_(network.weight)
    >>> follow(average, network, step=8, decay=0.9)
    >>> average.weight.item()
    0.5
    """
    share = 1 - decay_at(step, decay)
    for kept, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.is_floating_point():
            kept.lerp_(value, share)
        else:
            kept.copy_(value)
