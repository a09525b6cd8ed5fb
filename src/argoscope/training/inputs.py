"""The events of a run, from its configuration, and whether the network can take them.

A run is begun only when the first event of each sample has been prepared, one
of the validation has something to count, and the network has answered that of
the training sample: what does not go together is refused before anything is
written, or overwritten.
"""

from __future__ import annotations

import torch
from torch import nn

from argoscope.errors import InvalidArgument
from argoscope.training.config import SampleConfig, TrainingConfig
from argoscope.training.data import Item, collate
from argoscope.training.learning import require_counted
from argoscope.training.samples import Samples, open_sample
from argoscope.training.tasks import task_named
from argoscope.training.weighting import weighting_named

__all__ = ["require_events", "training_samples", "validation_samples"]


def training_samples(config: TrainingConfig) -> Samples:
    """Events that are trained on, changed at random."""
    data = config.data
    return Samples(
        open_sample(data.train, training=True), config.preparation, weighting_named(config.loss.weighting),
        least_pixels=data.least_pixels, augmentation=data.augmentation, seed=config.seed, keep=data.keep,
        task=task_named(config.task), pooling=config.network.get("pooling", 1) if config.loss.pixels == "all" else 0,
    )  # fmt: skip


def validation_samples(config: TrainingConfig) -> Samples | None:
    """Validation events, if there are any; simulated ones are kept, to be simulated once."""
    data = config.data
    if data.validation is None:
        return None
    return Samples(
        open_sample(data.validation, training=False), config.preparation, weighting_named("none"),
        least_pixels=data.least_pixels, keep=data.keep or bool(data.validation.preset), task=task_named(config.task),
    )  # fmt: skip


def require_events(config: TrainingConfig, learning: nn.Module) -> None:
    """Refuse samples that the network cannot take, by the first event of each, and a validation of nothing.

    Parameters
    ----------
    config : TrainingConfig
    learning : Module
        The network and its loss as one.

    Raises
    ------
    InvalidArgument
        If a sample cannot be opened or prepared, its images are not of the network's dimensions, or nothing in that of
        the validation counts.
    UnreadableFile
        If a file cannot be read.
    """
    checked = validation_samples(config)
    if checked is not None and config.data.validation is not None:
        _require_dimensions(config, config.data.validation, checked[0])
        require_counted(checked, config)
    item = training_samples(config)[0]
    _require_dimensions(config, config.data.train, item)
    with torch.no_grad():
        learning.eval()(collate([item]))


def _require_dimensions(config: TrainingConfig, sample: SampleConfig, item: Item) -> None:
    wanted, found = config.network["dimensions"], len(item["shape"])
    if wanted != found:
        raise InvalidArgument(
            f"the images of {sample.preset or sample.files[0]} have {found} dimensions, and network.dimensions "
            f"(={wanted}): set it to {found} (--set network.dimensions={found}), or give a sample of {wanted}"
        )
