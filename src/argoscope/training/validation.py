"""Validation: loss and accuracies of the network as it stands, on events it is not trained on."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from argoscope.analyses.confusion import rates
from argoscope.errors import InvalidArgument
from argoscope.events.labels import scheme_named
from argoscope.training import five_class as task
from argoscope.training.config import TrainingConfig
from argoscope.training.data import collate
from argoscope.training.losses import Reduction
from argoscope.training.samples import Samples

__all__ = ["validate"]

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
        ``accuracy`` (mean over events), ``low``, ``high``, ``pooled``, ``loss``, and the accuracy of each
        class, mean over the events that have it; a class that none has is left out.

    Raises
    ------
    InvalidArgument
        If no pixel of the sample is labelled.
    """
    classes = int(config.network["classes"])
    names = scheme_named(config.task).classes
    matrices, loss, weight = [], 0.0, 0.0
    answering = task.PixelScores(network)
    was_training = network.training
    network.eval()
    plain = type(config.loss)(reduction=REDUCTION)
    with torch.no_grad():
        for batch in DataLoader(samples, batch_size=config.batch, collate_fn=collate):
            scores = answering(batch)
            loss += float(task.loss_sum(scores, batch, plain))
            weight += task.batch_divisor(batch, plain)
            matrices.append(task.confusions(scores, batch, classes))
    network.train(was_training)
    found = np.concatenate(matrices)
    if not found.sum():
        raise InvalidArgument(
            f"the {len(found)} images of data.validation have no labelled pixel: choose others"
        )
    each = rates(found, pooled=False)
    return {
        "accuracy": each.accuracy.value,
        "low": each.accuracy.low,
        "high": each.accuracy.high,
        "pooled": rates(found, pooled=True).accuracy.value,
        "loss": loss / max(weight, 1.0),
        **{
            name: estimate.value
            for name, estimate, events in zip(names, each.class_accuracy, each.class_events, strict=True)
            if events
        },
    }
