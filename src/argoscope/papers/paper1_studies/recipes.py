"""How the networks of the scans are trained: ours as their configuration says, Mask R-CNN as its authors did."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from argoscope.files.layouts import DENSE_THRESHOLD
from argoscope.models.builders import resolved
from argoscope.models.preparation import Preparation
from argoscope.papers.paper1_studies.sizes import COLLECTION, Sizes, cut_out
from argoscope.papers.scan import Recipe
from argoscope.papers.study import Context
from argoscope.training.augmentation import Augmentation
from argoscope.training.config import TrainingConfig
from argoscope.training.optimizers import OptimizerConfig

__all__ = ["HEADS", "InstanceRecipe", "box_recipe", "recipe_of"]

HEADS = ("seeds", "edges", "condensation")
"""Ways in which our networks tell objects apart, on the same backbone; the first is the one that we stand behind."""
OURS = OptimizerConfig(name="adamw", decay=0.02, clip=5.0)
WINDOW_CHANGES = Augmentation(mirror=True, gain=0.1, dead_wires=0.02)
PLANE_CHANGES = replace(WINDOW_CHANGES, overlay=0.1)
"""Optimizer and changes made to training events, as configs/instances-microboone.yaml has them; windows lie in different
places of their planes, so that none can be laid over another."""
THEIRS = OptimizerConfig(name="sgd", rate=0.005, momentum=0.9, decay=1e-4)
"""Of the authors' configuration "mills_config_2_full_image", whose rate falls after more steps than its 120,000."""
BOX_WARMUP = 500
"""Steps in which its rate rises, of 120,000 (same place)."""
FROZEN_FROM = 0.75
"""Share of the steps after which norms keep their averages, as there."""


@dataclass(frozen=True, kw_only=True)
class InstanceRecipe(Recipe):
    """A training of a network of instances.

    Parameters
    ----------
    label : str
        What the network is, for its name.
    solver : OptimizerConfig
        In place of `optimizer` and `rate`.
    augmentation : Augmentation
    """

    label: str
    solver: OptimizerConfig = OURS
    augmentation: Augmentation = WINDOW_CHANGES

    @property
    def name(self) -> str:
        """What decides the weights, in a file name; the end is a digest of all of it."""
        settings = repr(replace(self, network=resolved(self.network)))
        digest = hashlib.sha256(settings.encode()).hexdigest()[:8]
        return f"{self.label}_{self.train.name}_{self.steps}x{self.batch}_{digest}"

    def config(self, context: Context) -> TrainingConfig:
        """The training's configuration; its samples are made if they are not there."""
        base = super().config(context)
        frozen = max(1, int(FROZEN_FROM * self.steps))
        data = replace(base.data, augmentation=self.augmentation)
        return replace(base, optimizer=self.solver, data=data, freeze_norms_after=frozen)


def recipe_of(sizes: Sizes, head: str, **changes: Any) -> InstanceRecipe:
    """The training of our network with one of `HEADS`; `changes` are fields of `InstanceRecipe`."""
    recipe = InstanceRecipe(
        label=head,
        task="instances",
        network={"extends": "seed-masks", "filters": sizes.filters, "head": head},
        train=cut_out(sizes, "train"),
        validation=cut_out(sizes, "validation"),
        steps=sizes.steps,
        batch=sizes.batch,
        warmup=sizes.steps // 20,
        cosine=True,
        augmentation=WINDOW_CHANGES if sizes.window else PLANE_CHANGES,
        preparation=Preparation(planes=(COLLECTION,), least=DENSE_THRESHOLD),
    )
    return replace(recipe, **changes)


def box_recipe(sizes: Sizes, published_network: str, **changes: Any) -> InstanceRecipe:
    """The training of a published Mask R-CNN on as many images as ours, one at a time as its authors did.

    Without weights of ImageNet to start from its norms are trained, and the rate falls along a cosine as ours does.
    """
    backbone = {"width": sizes.box_width, "norm": "batch"}
    steps = sizes.steps * sizes.batch
    recipe = replace(
        recipe_of(sizes, HEADS[0]),
        label=published_network,
        network={"extends": published_network, "backbone": backbone},
        solver=THEIRS,
        steps=steps,
        batch=1,
        warmup=min(BOX_WARMUP, steps // 20),
    )
    return replace(recipe, **changes)
