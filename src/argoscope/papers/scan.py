"""Scans: networks trained the same way but for one thing, each trained once.

A recipe has a name made of what decides its weights; its run lies in
``<folder>/runs/NAME``. Studies that want the same recipe share the run, and an
interrupted one goes on from its last checkpoint.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from argoscope.models.builders import resolved
from argoscope.models.preparation import Preparation
from argoscope.models.weights import Model, load_model
from argoscope.papers.samples import Sample, sample_file
from argoscope.papers.study import Context
from argoscope.training.config import DataConfig, LossConfig, SampleConfig, TrainingConfig
from argoscope.training.log import read_log
from argoscope.training.losses import Reduction
from argoscope.training.optimizers import OptimizerConfig, ScheduleConfig
from argoscope.training.run import train

__all__ = ["Check", "Recipe", "Trained", "checks_of", "trained"]

EPSILONS = {"adam": 1e-8, "rmsprop": 1e-4}
"""Added to the root of the second moment: torch's default, and what paper 0's program has."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A training of a scan.

    Parameters
    ----------
    network : dict
        Description, as `build_network` takes it.
    train, validation : Sample
    steps, batch : int
    parts : int
        Parts a step is computed in.
    task : {"five-class", "cosmic-tagging", "track-shower", "particle", "instances"}
    optimizer : {"adam", "rmsprop"}
    rate : float
        Of the optimizer.
    warmup : int
        Steps in which the rate rises.
    cosine : bool
        Let the rate fall to nothing along a cosine; it is constant in paper 4.
    preparation : Preparation
        Planes, truth and charges.
    weighting : str
    reduction : {"event-sum", "event-mean", "pixel-sum", "pixel-mean"}
        Of the losses of the pixels; the papers differ.
    pixels : {"active", "all"}
        Those with charge, or all of a dense network's images.
    gamma : float
        Exponent of the focal loss; 0: cross entropy.
    events : int
        Use only the first so many events; 0: all.
    snapshots : tuple of int
    checks : int
        Validations along the way.
    seed : int
        Of the first weights and the order of events.
    init : str
        Card of a model to start from, of the same network; empty: from nothing.
    """

    network: dict[str, Any]
    train: Sample
    validation: Sample
    steps: int
    batch: int
    parts: int = 1
    task: Literal["five-class", "cosmic-tagging", "track-shower", "particle", "instances"] = "five-class"
    optimizer: Literal["adam", "rmsprop"] = "adam"
    rate: float = 1e-3
    warmup: int = 0
    cosine: bool = False
    preparation: Preparation = field(default_factory=Preparation)
    weighting: str = "none"
    reduction: Reduction = "event-mean"
    pixels: Literal["active", "all"] = "active"
    gamma: float = 0.0
    events: int = 0
    snapshots: tuple[int, ...] = ()
    checks: int = 5
    seed: int = 0
    init: str = ""

    @property
    def name(self) -> str:
        """What decides the weights, in a file name; the end is a digest of all of it."""
        net = resolved(self.network)
        parts = [
            self.train.name, net["kind"], f"{net['depth']}-{net['filters']}", self.preparation.truth, self.weighting,
            f"{self.steps}x{self.batch}", *([f"first{self.events}"] if self.events else []),
            *(f"plane{plane}" for plane in self.preparation.planes),
            hashlib.sha256(repr(replace(self, network=net)).encode()).hexdigest()[:8],
        ]  # fmt: skip
        return "_".join(parts)

    def config(self, context: Context) -> TrainingConfig:
        """The training's configuration; its samples are made if they are not there."""
        return TrainingConfig(
            name=self.name,
            task=self.task,
            network=resolved(self.network),
            data=DataConfig(
                train=SampleConfig(files=(str(sample_file(context, self.train)),), events=self.events),
                validation=SampleConfig(files=(str(sample_file(context, self.validation)),)),
                sampling="replacement",
                keep=True,
            ),
            preparation=self.preparation,
            loss=LossConfig(
                gamma=self.gamma, weighting=self.weighting, reduction=self.reduction, pixels=self.pixels
            ),
            optimizer=OptimizerConfig(name=self.optimizer, rate=self.rate, epsilon=EPSILONS[self.optimizer]),
            schedule=ScheduleConfig(name="cosine" if self.cosine else "constant", warmup=self.warmup),
            batch=self.batch,
            accumulate=self.parts,
            steps=self.steps,
            seed=self.seed,
            init=self.init,
            snapshots=self.snapshots,
            validate_every=max(1, self.steps // self.checks),
            checkpoint_every=max(1, min(500, self.steps // 2)),
        )


@dataclass(frozen=True)
class Check:
    """A validation along a training.

    Parameters
    ----------
    step : int
    seconds : float
        Since the start, validations included.
    accuracy, low, high : float
        Mean over the validation events, with its interval.
    """

    step: int
    seconds: float
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class Trained:
    """A network that a scan has trained.

    Parameters
    ----------
    recipe : Recipe
    folder : Path
        Of its run.
    seconds : float
    checks : list of Check
    """

    recipe: Recipe
    folder: Path
    seconds: float
    checks: list[Check] = field(default_factory=list)

    def model(self, snapshot: int | None = None) -> Model:
        """The network with its last weights, or those after a step."""
        folder = self.folder if snapshot is None else self.folder / "snapshots" / str(snapshot)
        return load_model(folder / f"{self.recipe.name}.safetensors")


def trained(context: Context, recipe: Recipe) -> Trained:
    """Train a network, unless that was done.

    Raises
    ------
    Stopped
        If the work was asked to stop; the run goes on from its checkpoint next time.
    TrainingDiverged
        If the loss is no longer a number.
    """
    folder = context.folder / "runs" / recipe.name
    config = recipe.config(context)

    def report(_what: str, done: int, total: int) -> None:
        context.report(f"training {recipe.name}", done, total)

    answer = train(
        config, folder, resume=(folder / "config.yaml").exists(), report=report, stop=context.stop,
        command=f"argoscope reproduce: {recipe.name}",
    )  # fmt: skip
    seconds = float(answer["seconds"])
    return Trained(recipe, folder, seconds, checks_of(folder, (recipe.steps, seconds)))


def checks_of(folder: Path, end: tuple[int, float] | None = None) -> list[Check]:
    """The validations of a run, with times between those of the logged steps; none where they have no interval.

    Parameters
    ----------
    folder : Path
        Of the run.
    end : tuple of (int, float), optional
        Last step and its time in seconds, where known.
    """
    logged = [(int(row["step"]), float(row["seconds"])) for row in read_log(folder / "steps.csv")]
    steps, times = zip(
        *[(0, 0.0), *logged, *([end] if end and (not logged or end[0] > logged[-1][0]) else [])], strict=True
    )
    rows = [row for row in read_log(folder / "validation.csv") if "low" in row]
    seconds = np.interp([int(row["step"]) for row in rows], steps, times)
    return [
        Check(int(row["step"]), float(at), float(row["accuracy"]), float(row["low"]), float(row["high"]))
        for row, at in zip(rows, seconds, strict=True)
    ]
