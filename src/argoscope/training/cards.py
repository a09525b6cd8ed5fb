"""The card of trained weights: what made them, and what they reached in validation."""

from __future__ import annotations

import platform
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import torch

from argoscope.detectors.schema import to_plain
from argoscope.events.charge_scale import SignalScale, signal_scale
from argoscope.models.cards import Card
from argoscope.models.preparation import Preparation, chosen_planes
from argoscope.models.weights import Model
from argoscope.training.checkpoints import Progress
from argoscope.training.config import SampleConfig, TrainingConfig
from argoscope.training.samples import open_sample
from argoscope.training.tasks import task_named

__all__ = ["card_of", "origin_of"]


def card_of(
    config: TrainingConfig,
    progress: Progress,
    validation: dict[str, float],
    *,
    origin: dict[str, Any] | None = None,
) -> Card:
    """Card of the weights of a run at one of its steps.

    Parameters
    ----------
    config : TrainingConfig
    progress : Progress
        Steps and seconds spent.
    validation : dict
        Numbers of the last validation.
    origin : dict, optional
        Of the model whose weights were started from (`origin_of`).
    """
    facts = _facts(config.data.train, config.preparation)
    training: dict[str, Any] = {
        "steps": progress.step,
        "batch": config.batch,
        "hours": round(progress.seconds / 3600, 3),
        "loss": to_plain(config.loss),
        "optimizer": to_plain(config.optimizer),
        "schedule": to_plain(config.schedule),
        "seed": config.seed,
        "threads": torch.get_num_threads(),
        "machine": platform.machine(),
        "torch": torch.__version__,
        **({} if config.average is None else {"average": config.average}),
        **({"origin": origin} if origin else {}),
    }
    return Card(
        name=config.name,
        task=config.task,
        network=config.network,
        preparation=config.preparation,
        scheme=task_named(config.task).scheme.name,
        charge_unit=facts.charge_unit,
        detector=facts.detector,
        charge_scale=facts.scale.value if facts.scale else None,
        charge_scale_error=facts.scale.error if facts.scale else None,
        data=to_plain(config.data),
        training=training,
        metrics={"validation": validation},
    )


def origin_of(model: Model) -> dict[str, Any]:
    """What the card of a training quotes of the model it started from: its weights, data and own training."""
    card = model.card
    return {"name": card.name, "sha256": model.sha256, "data": card.data, "training": card.training}


class _Facts(NamedTuple):
    charge_unit: str
    detector: str
    scale: SignalScale | None


@lru_cache(maxsize=1)
def _facts(sample: SampleConfig, preparation: Preparation) -> _Facts:
    """Facts of the planes that are read of the first events of a sample, which may have to be simulated."""
    source = open_sample(sample, training=True)
    events = (chosen_planes(source.event(number), preparation.planes) for number in range(len(source)))
    first = next(events)
    scale = signal_scale(chain([first], events), least=preparation.least / preparation.charge_factor)
    return _Facts(first.charge_unit, first.detector, scale)
