"""Validation: loss and accuracies of the network as it stands, on events it is not trained on."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from argoscope.errors import InvalidArgument
from argoscope.training.config import TrainingConfig
from argoscope.training.data import collate
from argoscope.training.losses import Reduction
from argoscope.training.pixels import PixelScores, batch_divisor, confusions, loss_sum
from argoscope.training.samples import Samples
from argoscope.training.tasks import task_named

__all__ = ["require_counted", "validate"]

REDUCTION: Reduction = "pixel-mean"
"""Validation losses are means over pixels, so that they compare between weightings."""


def validate(network: nn.Module, samples: Samples, config: TrainingConfig) -> dict[str, float]:
    """Evaluate the network on a sample.

    Parameters
    ----------
    network : Module
    samples : Samples
    config : TrainingConfig

    Returns
    -------
    dict
        The task's numbers (`argoscope.training.tasks`), and ``loss``, of the pixels with charge.

    Raises
    ------
    InvalidArgument
        If no pixel of the sample counts.
    """
    classes = int(config.network["classes"])
    events: list[np.ndarray] = []
    loss = weight = 0.0
    answering = PixelScores(network)
    was_training = network.training
    network.eval()
    plain = type(config.loss)(reduction=REDUCTION)
    with torch.no_grad():
        for batch in DataLoader(samples, batch_size=config.batch, collate_fn=collate):
            scores = answering(batch)
            loss += float(loss_sum(scores, batch, plain))
            weight += batch_divisor(batch, plain)
            ends = list(accumulate(batch["images_of"]))
            events += np.split(confusions(scores, batch, classes), ends[:-1])
    network.train(was_training)
    if not any(images.any() for images in events):
        raise _nothing_counts(len(events), config)
    return {**task_named(config.task).numbers(events), "loss": loss / max(weight, 1.0)}


def require_counted(samples: Samples, config: TrainingConfig) -> None:
    """Refuse a sample that `validate` would, before a network is trained; events are read up to the first that counts.

    Parameters
    ----------
    samples : Samples
    config : TrainingConfig

    Raises
    ------
    InvalidArgument
        If no pixel of the sample counts.
    """
    if not any(bool(samples[number]["weight"].any()) for number in range(len(samples))):
        raise _nothing_counts(len(samples), config)


def _nothing_counts(events: int, config: TrainingConfig) -> InvalidArgument:
    return InvalidArgument(
        f"the {events} events of data.validation have no labelled pixel that counts: choose others, or a lower "
        f"data.least_pixels (={config.data.least_pixels}) or preparation.least (={config.preparation.least:g})"
    )
