"""How large the studies of paper 2 are: small for two cores in half an hour, full as in the paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from argoscope.models.preparation import Preparation
from argoscope.papers import paper2_published as published
from argoscope.papers.paper3_studies.sizes import COLLECTION
from argoscope.papers.samples import Sample, Use
from argoscope.papers.scan import Recipe, trained
from argoscope.papers.study import Context
from argoscope.training.config import TrainingConfig
from argoscope.training.optimizers import ScheduleConfig

__all__ = [
    "FULL",
    "PREPARATION",
    "SAMPLES",
    "SMALL",
    "CropRecipe",
    "Sizes",
    "classifier_recipe",
    "crops",
    "pair_recipes",
    "said_of_all",
    "sparse_recipe",
]

PREPARATION = Preparation(planes=(COLLECTION,), least=published.LEAST_CHARGE, most=100.0, above="clip")
"""The paper drops pixels below 10; that those above 100 are lowered to it, its program says (github.com/NuTufts/pytorch-uresnet)."""
SAMPLES = {
    "test": "paper2", "nu_e": "paper2-nue", "nu_mu": "paper2-numu", "1e1p": "paper2-1e1p",
    "1mu1p-LE": "paper2-1mu1p-low", "1e1p-LE": "paper2-1e1p-low",
}  # fmt: skip
"""Preset of each sample of table I."""
EPOCHS = 20
"""Length of the full training [E]: the paper lowers the rate at epoch 14, and does not say where it ends."""
CAFFE_EPSILON = 1e-8
"""Added to the root of the second moment: CAFFE's default, for the paper names none."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes of all studies.

    Parameters
    ----------
    scale : str
        Name, for notes.
    test_events : int
        Of each sample of table I.
    hand_events : int
        Of those that stand for tables II and III, for the central value and each variation.
    train_events, validation_events : int
        Of the preset paper2.
    filters : int
        Of the sparse networks' first layer.
    steps, batch : int
        Of the sparse networks on crops, and of the classifier of particles.
    pair_window : int
        Side of the windows on which the dense network and a sparse one are trained, in pixels; 0: the crops.
    dense : str
        Published network that the dense one is, with its own number of filters.
    dense_filters : int
    pair_steps, pair_batch, pair_parts : int
        Of both; the last are the parts in which the dense one computes a step.
    pair_test : int
        Windows on which both are tested.
    optimizer : {"adam", "rmsprop"}
    rate : float
    milestones : bool
        Let the rate fall to a tenth at epoch 14 as in the paper, in place of a cosine.
    plane_events : int
        Whole planes of paper 3 on which networks are compared.
    plane_crops : tuple of int
        Crops of a plane along wires and drift.
    dense_costs : tuple of str
        Published dense networks whose time and memory are measured.
    """

    scale: str
    test_events: int
    hand_events: int
    train_events: int
    validation_events: int
    filters: int
    steps: int
    batch: int
    pair_window: int
    dense: str
    dense_filters: int
    pair_steps: int
    pair_batch: int
    pair_parts: int
    pair_test: int
    optimizer: Literal["adam", "rmsprop"]
    rate: float
    milestones: bool
    plane_events: int
    plane_crops: tuple[int, int] = (16, 4)
    dense_costs: tuple[str, ...] = ("paper2-deployed", "paper2")


SMALL = Sizes(
    scale="small",
    test_events=500, hand_events=100, train_events=1_500, validation_events=100,
    filters=16, steps=300, batch=16, pair_window=256, dense="paper2-deployed", dense_filters=4, pair_steps=200,
    pair_batch=8, pair_parts=1, pair_test=200, optimizer="adam", rate=2e-3, milestones=False, plane_events=8,
)  # fmt: skip
"""Two cores, under half an hour: sparse networks at their full width in 300 steps, the dense one a quarter as wide in windows."""

_STEPS = EPOCHS * published.EVENTS["train"] // published.BATCH

FULL = Sizes(
    scale="full",
    test_events=published.EVENTS["test"], hand_events=published.EVENTS["test"], train_events=published.EVENTS["train"],
    validation_events=published.EVENTS["validation"], filters=16, steps=_STEPS, batch=published.BATCH, pair_window=0,
    dense="paper2", dense_filters=32, pair_steps=_STEPS, pair_batch=published.BATCH, pair_parts=10,
    pair_test=published.EVENTS["test"], optimizer="rmsprop", rate=published.RATE, milestones=True, plane_events=500,
)  # fmt: skip
"""The paper's own sizes: 100,000 crops of 512 pixels, batches of 60, its rate and optimizer."""


@dataclass(frozen=True, kw_only=True)
class CropRecipe(Recipe):
    """A training of paper 2.

    Parameters
    ----------
    milestones : tuple of int
        Steps at which the rate falls to a tenth.
    origin : Recipe, optional
        Network whose weights it starts from; trained before it.
    """

    milestones: tuple[int, ...] = ()
    origin: Recipe | None = None

    def config(self, context: Context) -> TrainingConfig:
        """The training's configuration; its samples are made, and its origin trained, if they are not there."""
        config = super().config(context)
        if self.optimizer == "rmsprop":
            config = replace(config, optimizer=replace(config.optimizer, epsilon=CAFFE_EPSILON))
        if self.milestones:
            config = replace(config, schedule=ScheduleConfig(name="steps", milestones=self.milestones))
        return replace(config, init=str(trained(context, self.origin).folder)) if self.origin else config


def crops(sizes: Sizes, use: Use, preset: str = "paper2", *, window: int = 0) -> Sample:
    """Events of a preset of paper 2: crops of 512 pixels, or windows of them."""
    counts = {"train": sizes.train_events, "validation": sizes.validation_events, "test": sizes.test_events}
    return Sample(preset=preset, use=use, events=counts[use], window=window)


def said_of_all(sizes: Sizes) -> str:
    """What the six samples are, for a note below a table."""
    first, *others = (crops(sizes, "test", preset) for preset in SAMPLES.values())
    return f"{first.said()}; as many of {', '.join(other.preset for other in others)}."


def sparse_recipe(sizes: Sizes, **changes: Any) -> CropRecipe:
    """The training of the sparse network on crops with the paper's weights; `changes` are fields of `CropRecipe`."""
    return replace(_recipe(sizes, steps=sizes.steps, batch=sizes.batch, window=0), **changes)


def classifier_recipe(sizes: Sizes) -> CropRecipe:
    """The training that tells single particles apart, by the encoder of the sparse network."""
    return sparse_recipe(
        sizes, network={"extends": "paper2-sparse-particles", "filters": sizes.filters}, task="particle",
        train=crops(sizes, "train", "paper2-particles"), validation=crops(sizes, "validation", "paper2-particles"),
        weighting="none", reduction="event-mean",
    )  # fmt: skip


def pair_recipes(sizes: Sizes) -> dict[str, CropRecipe]:
    """The trainings of the dense and of a sparse network on the same windows; the dense one learns the background too."""
    sparse = _recipe(sizes, steps=sizes.pair_steps, batch=sizes.pair_batch, window=sizes.pair_window)
    network = {"extends": sizes.dense, "filters": sizes.dense_filters}
    return {"dense": replace(sparse, network=network, pixels="all", parts=sizes.pair_parts), "sparse": sparse}


def _recipe(sizes: Sizes, *, steps: int, batch: int, window: int) -> CropRecipe:
    milestone = published.EPOCH_OF_STEP * sizes.train_events // batch
    return CropRecipe(
        network={"extends": "paper2-sparse", "filters": sizes.filters},
        train=crops(sizes, "train", window=window),
        validation=crops(sizes, "validation", window=window),
        steps=steps,
        batch=batch,
        task="track-shower",
        optimizer=sizes.optimizer,
        rate=sizes.rate,
        cosine=not sizes.milestones,
        milestones=(milestone,) if sizes.milestones else (),
        preparation=PREPARATION,
        weighting="paper2",
        reduction="image-mean",
        checks=10,
    )
