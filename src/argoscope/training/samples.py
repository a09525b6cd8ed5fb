"""Events by number for training: read from files or simulated when asked for, prepared, changed.

Files and presets give the same thing, an event by its number, so that the
simulation can feed a network without a file between. Training refuses the
seeds that are kept for tuning and tests, in files too, whose provenance says
their seed.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import torch
from torch.utils.data import Dataset

from argoscope.detectors.vertices import near_vertex, vertex_pixels
from argoscope.errors import InvalidArgument
from argoscope.events import Event, LabelScheme, overlay
from argoscope.models.preparation import Preparation, chosen_planes, with_truth
from argoscope.models.windows import windowed
from argoscope.simulation.chain import Simulation, simulation_named
from argoscope.simulation.streams import TEST_SEEDS_FROM, TUNING_SEEDS_FROM
from argoscope.training.augmentation import Augmentation, augmented
from argoscope.training.config import SampleConfig
from argoscope.training.data import EventDataset, Item, tensors_of
from argoscope.training.plan import Place, place_stream
from argoscope.training.tasks import TASKS, Task
from argoscope.training.weighting import VERTEX_PIXELS, ImagePixels, Weighting

__all__ = ["EventSource", "Samples", "SimulatedEvents", "open_sample", "pooled_labels", "require_seed"]

_WHOLE = ("coordinates", "semantic", "instance", "ancestor")
"""Columns of whole numbers."""
_FOR_WEIGHTS = ("instance", "at_vertex", "unlabelled")
"""What an item has for its weights alone."""


class EventSource(Protocol):
    """Events by number."""

    def __len__(self) -> int: ...

    def event(self, index: int) -> Event:
        """The event of that number."""
        ...

    def where(self, index: int) -> str:
        """What the event is of: its file, or its preset."""
        ...


class SimulatedEvents:
    """Events of a preset, each simulated when it is asked for.

    Parameters
    ----------
    sample : SampleConfig

    Raises
    ------
    InvalidArgument
        If the preset or a variation is unknown.
    """

    def __init__(self, sample: SampleConfig) -> None:
        self.sample = sample
        self._simulation: Simulation | None = _simulation_of(sample)

    def __len__(self) -> int:
        return self.sample.events

    def event(self, index: int) -> Event:
        """Simulate one event."""
        if self._simulation is None:
            self._simulation = _simulation_of(self.sample)
        return self._simulation.event(index).event

    def where(self, index: int) -> str:  # noqa: ARG002  # every event is of the same preset
        """Name of the preset."""
        return f"preset {self.sample.preset}"

    def __getstate__(self) -> dict[str, Any]:
        # A worker prepares its own: tables are quicker made than sent.
        return {"sample": self.sample, "_simulation": None}


def _simulation_of(sample: SampleConfig) -> Simulation:
    return simulation_named(sample.preset, seed=sample.seed, vary=sample.vary)


class _FirstEvents:
    """The first events of a source."""

    def __init__(self, source: EventSource, count: int) -> None:
        if count > len(source):
            raise InvalidArgument(f"events (={count}) must not exceed the {len(source)} of the files")
        self.source, self.count = source, count

    def __len__(self) -> int:
        return self.count

    def event(self, index: int) -> Event:
        return self.source.event(index)

    def where(self, index: int) -> str:
        return self.source.where(index)


def require_seed(seed: int, *, training: bool, where: str) -> None:
    """Refuse events of a seed that is kept for another purpose.

    Raises
    ------
    InvalidArgument
        If training would see seeds from 900,000, or validation those from 990,000.

    Examples
    --------
    >>> require_seed(990_001, training=True, where="cubes.h5")
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: cubes.h5: seed 990001 is held out; training takes seeds below 900000
    """
    if training and seed >= TUNING_SEEDS_FROM:
        raise InvalidArgument(
            f"{where}: seed {seed} is held out; training takes seeds below {TUNING_SEEDS_FROM}"
        )
    if not training and seed >= TEST_SEEDS_FROM:
        raise InvalidArgument(
            f"{where}: seed {seed} is held out for tests; validation takes seeds below {TEST_SEEDS_FROM}"
        )


def open_sample(sample: SampleConfig, *, training: bool) -> EventSource:
    """Open a sample, refusing held-out seeds.

    Parameters
    ----------
    sample : SampleConfig
    training : bool
        For training, or for validation.

    Raises
    ------
    InvalidArgument
        If its seed is held out, it has no events, or its preset or a variation is unknown.
    UnreadableFile
        If a file cannot be read.
    """
    if sample.preset:
        require_seed(sample.seed, training=training, where=f"preset {sample.preset}")
        return SimulatedEvents(sample)
    data = EventDataset(sample.files)
    for file in data.files:
        seed = file.describe().provenance.get("seeds", {}).get("simulation")
        if isinstance(seed, int):
            require_seed(seed, training=training, where=str(file.path))
        file.close()
    if not len(data):
        raise InvalidArgument(f"files (={', '.join(sample.files)}) hold no event")
    return _FirstEvents(data, sample.events) if sample.events else data


class Samples(Dataset[Item]):
    """The items of a training by `Place`, or of a validation by number.

    Parameters
    ----------
    source : EventSource
    preparation : Preparation
    weighting : Weighting
    least_pixels : int
        Images with fewer labelled pixels have weights of 0.
    augmentation : Augmentation, optional
        None for validation.
    seed : int
        Of the changes.
    keep : bool
        Keep events in memory once they were read or simulated: 24 bytes a pixel in each worker.
    task : Task
        Says which label is learned, and of which scheme.
    pooling : int
        Pixels along each axis that the network makes one, where it learns all pixels of its images; 0: those with
        charge alone.

    Raises
    ------
    InvalidArgument
        If events are to be overlaid and there is but one.
    """

    def __init__(
        self,
        source: EventSource,
        preparation: Preparation,
        weighting: Weighting,
        *,
        least_pixels: int = 0,
        augmentation: Augmentation | None = None,
        seed: int = 0,
        keep: bool = False,
        task: Task = TASKS["five-class"],
        pooling: int = 0,
    ) -> None:
        if augmentation is not None and augmentation.overlay and len(source) < 2:
            raise InvalidArgument(
                f"augmentation overlay (={augmentation.overlay}) takes another event, and the sample has "
                f"{len(source)}: give more events, or leave overlay out"
            )
        self.task, self.pooling = task, pooling
        self.source, self.preparation, self.weighting = source, preparation, weighting
        self._kept: dict[int, Item] | None = {} if keep else None
        self.least_pixels, self.augmentation, self.seed = least_pixels, augmentation, seed

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, key: Place | int) -> Item:
        """One item: that of `tensors_of`, cut, changed, with ``weight`` (n,) float32.

        The label that is learned is called ``semantic``. With `pooling` there are also ``image_semantic`` (images,
        *pooled sides) int8 and ``image_weight``, of the same shape, float32.
        """
        place = key if isinstance(key, Place) else Place(0, 0, key)
        rng = place_stream(self.seed, place)
        if self.augmentation is not None and rng.random() < self.augmentation.overlay:
            item = self._overlaid(place.event, rng)
        else:
            item = self._prepared(place.event)
        if self.augmentation is not None:
            item = augmented(item, self.augmentation, rng)
        item = windowed(item, self.preparation)
        item = {**item, "weight": torch.from_numpy(self._weights(item))}
        if self.task.learns == "instances":
            item["place"] = torch.tensor([[place.step, place.slot, image] for image in range(item["images"])])
        if self.pooling:
            item = {**item, **self._image_targets(item)}
        return {name: value for name, value in item.items() if name not in _FOR_WEIGHTS}

    def _prepared(self, number: int) -> Item:
        """Item of an event before any change, kept if that was asked for."""
        if self._kept is None:
            return self._read(number)
        if number not in self._kept:
            item = self._read(number)
            self._kept[number] = {**item, **{name: item[name].int() for name in _WHOLE if name in item}}
        kept = self._kept[number]
        return {**kept, **{name: kept[name].long() for name in _WHOLE if name in kept}}

    def _read(self, number: int) -> Item:
        """Item of an event as it is stored; if it cannot be learned from, which file has it."""
        event = self.source.event(number)
        try:
            return self._item(event)
        except InvalidArgument as error:
            raise InvalidArgument(f"{self.source.where(number)}: {error}") from None

    def _overlaid(self, first: int, rng: np.random.Generator) -> Item:
        """Item of an event with one of the others laid over it, each as likely."""
        second = int(rng.integers(len(self.source) - 1))
        second += second >= first
        return self._item(overlay(self.source.event(first), self.source.event(second)))

    def _item(self, event: Event) -> Item:
        """Item of an event: its planes and truth chosen, charge as it is."""
        event = self.task.labelled(with_truth(self._planes_of(event), self.preparation.truth))
        truth = self.task.truth
        found = event.images[0].label(truth).scheme
        if found != self.task.scheme:
            raise InvalidArgument(
                f"event {tuple(event.id)} has labels of the scheme {found.name!r}, and the task needs "
                f"{self.task.scheme.name!r}: convert the file, or simulate a preset that has them"
            )
        wanted = {"instance": self.weighting.instances, "ancestor": self.task.learns == "instances"}
        item = tensors_of(event, (truth, *(kind for kind, needed in wanted.items() if needed)))
        labels = item.pop(truth)
        if self.weighting.vertices:
            item["at_vertex"] = torch.from_numpy(_at_vertex(event))
        return {**item, "semantic": labels, "unlabelled": found.unlabelled}

    def _planes_of(self, event: Event) -> Event:
        return chosen_planes(event, self.preparation.planes, self.preparation.shape)

    def _weights(self, item: Item) -> np.ndarray:
        """Weight of every pixel, shape (n,), float32; image by image."""
        rows, pixels = item["coordinates"].numpy(), _pixels_of(item)
        weights = np.zeros(len(rows), dtype=np.float32)
        for image in range(item["images"]):
            here = (rows[:, 0] == image) & (pixels.labels != item["unlabelled"])
            if here.sum() >= max(1, self.least_pixels):
                weights[here] = self.weighting.weigh(ImagePixels(*(column[here] for column in pixels)))
        return weights

    def _image_targets(self, item: Item) -> Item:
        """Class and weight of every pixel of the pooled images: the largest class of a block, background where none."""
        labels = pooled_labels(item, self.pooling, self.task.scheme)
        places = np.indices(labels.shape[1:]).reshape(labels.ndim - 1, -1).T
        rows, pixels = item["coordinates"].numpy(), _pixels_of(item)
        blocks = (rows[:, 0], *(rows[:, 1:] // self.pooling).T)
        instances, at_vertex = np.full(labels.shape, -1), np.zeros(labels.shape, bool)
        instances[blocks], at_vertex[blocks] = pixels.instances, pixels.at_vertex
        weights = np.zeros(labels.shape, np.float32)
        for image, weight in enumerate(weights):
            counted = labels[image] != item["unlabelled"]
            columns = (labels[image].astype(np.int64), instances[image], at_vertex[image])
            seen = ImagePixels(places[counted.ravel()], *(column[counted] for column in columns))
            weight[counted] = self.weighting.weigh(seen)
        return {"image_semantic": torch.from_numpy(labels), "image_weight": torch.from_numpy(weights)}


def _at_vertex(event: Event) -> np.ndarray:
    """Whether each pixel of an event's images lies at a vertex, shape (n,), bool."""
    near = [
        near_vertex(image.coordinates, vertex_pixels(event, image.grid), VERTEX_PIXELS)
        for image in event.images
    ]
    return np.concatenate(near)


def _pixels_of(item: Item) -> ImagePixels:
    """Columns of the weightings; what a weighting does not need is told to be nothing."""
    labels = item["semantic"].numpy()
    return ImagePixels(
        item["coordinates"].numpy()[:, 1:],
        labels,
        item["instance"].numpy() if "instance" in item else np.full(len(labels), -1),
        item["at_vertex"].numpy() if "at_vertex" in item else np.zeros(len(labels), bool),
    )


def pooled_labels(item: Item, pooling: int, scheme: LabelScheme) -> np.ndarray:
    """Labels of all pixels of the images of an item in blocks: the largest class of the block (paper 0).

    Parameters
    ----------
    item : Item
    pooling : int
        Pixels of a block along each axis.
    scheme : LabelScheme
        Its `default` is the class of blocks without charge; blocks all of whose charge is unlabelled are unlabelled.

    Returns
    -------
    ndarray, shape (images, *sides / pooling), int8

    Examples
    --------
    >>> from argoscope.events import COSMIC
    >>> rows, labels = torch.tensor([[0, 0, 1], [0, 1, 1]]), torch.tensor([1, 2])
    >>> item = {"coordinates": rows, "semantic": labels, "images": 1, "shape": (2, 4)}
    >>> pooled_labels(item, 2, COSMIC).tolist()
    [[[2, 0]]]
    """
    sides = tuple(side // pooling for side in item["shape"])
    empty = np.iinfo(np.int8).min
    labels = np.full((item["images"], *sides), empty, np.int8)
    rows = item["coordinates"].numpy()
    np.maximum.at(labels, (rows[:, 0], *(rows[:, 1:] // pooling).T), item["semantic"].numpy().astype(np.int8))
    labels[labels == empty] = scheme.default
    return labels
