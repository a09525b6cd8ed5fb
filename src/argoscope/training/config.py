"""The configuration of a training: one YAML file says all that decides the weights.

    schema_version: 1
    name: my-network
    network: {extends: paper4}
    data:
      train: {preset: cube-192, events: 20000, seed: 1}
      validation: {preset: cube-192, events: 200, seed: 900000}
    steps: 10000

Unknown keys are refused with the nearest known one. The resolved configuration
is written into the run's folder and trains the same weights again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import yaml

from argoscope.detectors.schema import from_plain, to_plain
from argoscope.detectors.yaml_text import parse_yaml, read_yaml
from argoscope.errors import InvalidArgument
from argoscope.models.builders import ANSWERING_ALL_PIXELS, FINDING_INSTANCES, resolved
from argoscope.models.preparation import Preparation
from argoscope.training.augmentation import Augmentation
from argoscope.training.losses import Reduction
from argoscope.training.optimizers import OptimizerConfig, ScheduleConfig
from argoscope.training.tasks import task_named
from argoscope.training.weighting import weighting_named
from argoscope.typing import PathLike

__all__ = [
    "DataConfig",
    "LossConfig",
    "SampleConfig",
    "SeedConfig",
    "TrainingConfig",
    "config_from",
    "config_to_yaml",
    "load_config",
]

SCHEMA_VERSION = 1
"""Version of the keys."""
MOST_STEPS = 100_000_000
"""More is a typing error."""
SEEDS_END = 2**64
"""Seeds are below: torch takes none from here on."""
TAKEN_NAMES = ("init", "provenance")
"""A model of this name would have its card where a run's folder has a file of its own."""


@dataclass(frozen=True, kw_only=True)
class SampleConfig:
    """Where events come from: files, or the simulation.

    Parameters
    ----------
    files : tuple of str
        Files of any format that can be read.
    preset : str
        Preset to simulate on the fly, in place of files.
    seed : int
        Of the simulation.
    events : int
        Number of simulated events, or how many of the files are used; 0: all of the files.
    vary : tuple of str
        NAME=VALUE of the detector's response.

    Raises
    ------
    InvalidArgument
        If there are both files and a preset or none, a preset without a number of events, or a number is negative.
    """

    files: tuple[str, ...] = ()
    preset: str = ""
    seed: int = 0
    events: int = 0
    vary: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("events", "seed"):
            if getattr(self, name) < 0:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must not be negative")
        if bool(self.files) == bool(self.preset):
            raise InvalidArgument("a sample needs files or a preset, and not both")
        if self.preset and self.events < 1:
            raise InvalidArgument(
                f"events (={self.events}) must say how many events of {self.preset} there are"
            )


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Training and validation events, and the changes made to the former.

    Parameters
    ----------
    train, validation : SampleConfig
        Training takes seeds below 900,000; validation those from 900,000 to 989,999.
    augmentation : Augmentation
    sampling : {"epoch", "replacement"}
        Every event once an epoch in a new order, or drawn at random each time (paper 4).
    least_pixels : int
        Images with fewer labelled pixels do not count, in validation either (paper 4's program: 10).
    workers : int
        Processes that read or simulate events.
    keep : bool
        Keep events in memory, for samples that are read many times: 24 bytes a pixel in each worker.
    """

    train: SampleConfig
    validation: SampleConfig | None = None
    augmentation: Augmentation = field(default_factory=Augmentation)
    sampling: Literal["epoch", "replacement"] = "epoch"
    least_pixels: int = 10
    workers: int = 0
    keep: bool = False

    def __post_init__(self) -> None:
        for name in ("workers", "least_pixels"):
            if getattr(self, name) < 0:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must not be negative")


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """What a pixel costs; see `losses` and `weighting`.

    Parameters
    ----------
    gamma : float
        Exponent of the focal loss; 0 is cross entropy.
    weighting : str
    reduction : {"event-sum", "event-mean", "image-mean", "pixel-sum", "pixel-mean"}
    pixels : {"active", "all"}
        Those with charge, or all of the images as a dense network pools them (papers 0 and 2).
    """

    gamma: float = 0.0
    weighting: str = "none"
    reduction: Reduction = "event-mean"
    pixels: Literal["active", "all"] = "active"

    def __post_init__(self) -> None:
        weighting = weighting_named(self.weighting)
        if weighting.instances and not weighting.background and self.pixels == "all":
            raise InvalidArgument(
                f"weighting (={self.weighting!r}) needs particles, which pixels without charge have none of: leave "
                "pixels at 'active', or choose another weighting"
            )
        if not 0 <= self.gamma < float("inf"):
            raise InvalidArgument(f"gamma (={self.gamma}) must not be negative")


@dataclass(frozen=True, kw_only=True)
class SeedConfig:
    """What a step of the task "instances" looks at in each image.

    Parameters
    ----------
    of_instance : int
        Cells of each true instance, long or short.
    others : int
        Cells that are of none, or of several.
    pixels : int
        Pixels on which masks are compared with the truth.

    Raises
    ------
    InvalidArgument
        If a number is not positive; `others` may be 0.
    """

    of_instance: int = 4
    others: int = 16
    pixels: int = 8192

    def __post_init__(self) -> None:
        for name, least in (("of_instance", 1), ("others", 0), ("pixels", 1)):
            if getattr(self, name) < least:
                raise InvalidArgument(f"seeds {name} (={getattr(self, name)}) must be at least {least}")


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """A training run.

    Parameters
    ----------
    name : str
        Of the model it makes.
    task : {"five-class", "cosmic-tagging", "track-shower", "particle", "instances"}
        See `argoscope.training.tasks`.
    network : dict
        Description, as `build_network` takes it.
    data : DataConfig
    preparation : Preparation
    loss : LossConfig
    seeds : SeedConfig
        Of the task "instances", whose loss has no other settings.
    optimizer : OptimizerConfig
    schedule : ScheduleConfig
    batch : int
        Events in a step, over all processes.
    accumulate : int
        Parts a step is computed in.
    steps : int
    freeze_norms_after : int, optional
        Steps after which normalizations keep their running averages, and weights are trained with them as they are
        evaluated: batches of one or two events have averages of their own, which evaluation does not see.
    average : float, optional
        Share that the running average of the weights keeps of itself at a step, such as 0.999: what is validated and kept
        is then the average, see `averaging`.
    seed : int
        Of the first weights, the order of events and their changes.
    validate_every, checkpoint_every : int
        Steps.
    snapshots : tuple of int
        Steps after which the weights are kept for good, in ``snapshots/STEP/``.
    precision : str
        As lightning-fabric names it: "32-true", "bf16-mixed", "16-mixed".
    accelerator : str
        "auto", "cpu", "cuda", "mps".
    devices : int
    init : str
        Model whose weights are started from.
    tensorboard : bool
        Write the log for TensorBoard too.

    Raises
    ------
    InvalidArgument
        If a number breaks its rule, or the network's classes are not those of the task.
    """

    name: str
    data: DataConfig
    steps: int
    network: dict[str, Any]
    task: Literal["five-class", "cosmic-tagging", "track-shower", "particle", "instances"] = "five-class"
    preparation: Preparation = field(default_factory=Preparation)
    loss: LossConfig = field(default_factory=LossConfig)
    seeds: SeedConfig = field(default_factory=SeedConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    batch: int = 16
    accumulate: int = 1
    freeze_norms_after: int | None = None
    average: float | None = None
    seed: int = 0
    validate_every: int = 500
    checkpoint_every: int = 500
    snapshots: tuple[int, ...] = ()
    precision: Literal["32-true", "64-true", "bf16-mixed", "16-mixed"] = "32-true"
    accelerator: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    devices: int = 1
    init: str = ""
    tensorboard: bool = False

    def __post_init__(self) -> None:
        for name in ("batch", "accumulate", "validate_every", "checkpoint_every", "devices"):
            if getattr(self, name) < 1:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must be at least 1")
        if not 0 <= self.steps <= MOST_STEPS:
            raise InvalidArgument(f"steps (={self.steps}) must be from 0 to {MOST_STEPS}")
        if not 0 <= self.seed < SEEDS_END:
            raise InvalidArgument(f"seed (={self.seed}) must be from 0 to {SEEDS_END - 1}")
        if self.freeze_norms_after is not None and self.freeze_norms_after < 1:
            raise InvalidArgument(
                f"freeze_norms_after (={self.freeze_norms_after}) must be at least 1, for averages to be there"
            )
        if self.average is not None and not 0 < self.average < 1:
            raise InvalidArgument(
                f"average (={self.average}) must lie between 0 and 1; leave it out for none"
            )
        if any(not 1 <= step <= self.steps for step in self.snapshots):
            raise InvalidArgument(f"snapshots (={list(self.snapshots)}) must be steps from 1 to {self.steps}")
        if self.batch % (self.accumulate * self.devices):
            raise InvalidArgument(
                f"batch (={self.batch}) must be divisible by accumulate (={self.accumulate}) times devices "
                f"(={self.devices})"
            )
        if not self.name or "/" in self.name or self.name in TAKEN_NAMES:
            raise InvalidArgument(
                f"name (={self.name!r}) must be a file name, and none of {', '.join(TAKEN_NAMES)}: the folder of a run "
                "has files of these names"
            )
        self._require_fitting_parts()

    def _require_fitting_parts(self) -> None:
        """Refuse network, loss and truth that the task has no use for."""
        classes = len(task_named(self.task).scheme.classes)
        if self.network.get("classes", classes) != classes:
            raise InvalidArgument(
                f"network.classes (={self.network['classes']}) must be {classes}, as the task {self.task} has"
            )
        needed = weighting_named(self.loss.weighting).classes
        if needed not in {None, classes}:
            raise InvalidArgument(
                f"loss.weighting (={self.loss.weighting!r}) has weights of {needed} classes, and the task {self.task} "
                f"has {classes}; choose another"
            )
        if self.preparation.truth != "regular" and self.task != "five-class":
            raise InvalidArgument(
                f"preparation.truth (={self.preparation.truth!r}) is of five classes, and the task is {self.task}: "
                "leave it out"
            )
        self._require_fitting_network()
        self._require_learnable_pixels()

    def _require_fitting_network(self) -> None:
        """Refuse a network that answers with something else than the task learns."""
        kind = self.network.get("kind")
        finds = task_named(self.task).learns == "instances"
        if kind is not None and finds != (kind in FINDING_INSTANCES):
            answers, wanted = ("pixels", "interactions") if finds else ("interactions", "pixels")
            raise InvalidArgument(
                f"network.kind (={kind!r}) answers with {answers}, and the task {self.task} learns {wanted}: take "
                f"{'one' if finds else 'none'} of the kinds {', '.join(FINDING_INSTANCES)}"
            )

    def _require_learnable_pixels(self) -> None:
        """Refuse a loss of pixels that the network does not answer, or the task has no class for."""
        task = task_named(self.task)
        if self.loss.pixels == "all":
            kind = self.network.get("kind", ANSWERING_ALL_PIXELS[0])
            if kind not in ANSWERING_ALL_PIXELS:
                raise InvalidArgument(
                    f"loss.pixels (='all') needs a network that answers all pixels, and {kind!r} answers those with "
                    "charge: leave it at 'active'"
                )
            if task.scheme.default == task.scheme.unlabelled:
                raise InvalidArgument(
                    f"loss.pixels (='all') needs a class for pixels without charge, and the task {self.task} has none: "
                    "leave it at 'active'"
                )
        images = ("none", "event-mean", "event-sum")
        if task.whole_images and not {self.loss.weighting, self.loss.reduction} <= set(images):
            raise InvalidArgument(
                f"loss.weighting (={self.loss.weighting!r}) and loss.reduction (={self.loss.reduction!r}): the task "
                f"{self.task} has one class an image, so take 'none' and 'event-mean', or 'event-sum'"
            )


def load_config(path: PathLike, changes: Sequence[str] = ()) -> TrainingConfig:
    """Read a configuration, with ``a.b=value`` changes.

    Parameters
    ----------
    path : path
        YAML.
    changes : sequence of str
        KEY=VALUE; the value is YAML.

    Raises
    ------
    UnreadableFile
        If the file cannot be read.
    InvalidArgument
        If it is no YAML, a key is unknown or a value breaks its rule; the message says which.
    """
    values = read_yaml(path)
    for change in changes:
        _set(values, change)
    return config_from(values, str(path))


def config_from(values: dict[str, Any], source: str) -> TrainingConfig:
    """Build the configuration from plain values, and fill in the network's numbers.

    Examples
    --------
    >>> values = {"name": "a", "steps": 1, "network": {}, "data": {"train": {"preset": "cube-192", "events": 9}}}
    >>> config_from(values, "a.yaml").network["filters"]
    32
    """
    values = dict(values)
    version = values.pop("schema_version", SCHEMA_VERSION)
    if version != SCHEMA_VERSION:
        raise InvalidArgument(
            f"{source}: schema_version (={version}) must be {SCHEMA_VERSION}; install the argoscope that wrote it"
        )
    network = values.pop("network", None)
    if not isinstance(network, dict):
        raise InvalidArgument(
            f"{source}: network (={network!r}) must be a mapping, such as {{extends: paper4}}"
        )
    config: TrainingConfig = from_plain(TrainingConfig, {**values, "network": {}}, source)
    return replace(config, network=resolved(network))


def config_to_yaml(config: TrainingConfig) -> str:
    """YAML text with every key: `load_config` reads the same configuration from it."""
    plain = {"schema_version": SCHEMA_VERSION, **to_plain(config)}
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)


def _set(values: dict[str, Any], change: str) -> None:
    """Set one key, given as a.b=value."""
    path, equals, text = change.partition("=")
    keys = path.split(".")
    if not equals or not all(keys):
        raise InvalidArgument(f"set {change!r} must be KEY=VALUE, for instance optimizer.rate=1.0e-4")
    where = values
    for key in keys[:-1]:
        where = where.setdefault(key, {})
        if not isinstance(where, dict):
            raise InvalidArgument(f"set {change!r}: {key!r} holds a value, not keys")
    where[keys[-1]] = parse_yaml(f"value: {text}", f"set {change!r}")["value"]
