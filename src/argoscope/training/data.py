"""Events as tensors: a torch data set over files of any format.

An item is one event. Its images (planes, or one volume) are numbered in the
first column of the coordinates, as the sparse engine wants them; `collate`
puts several events into one batch by numbering their images on.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from argoscope.errors import InvalidArgument
from argoscope.events import Event
from argoscope.events.image import LabelKind
from argoscope.files.catalogue import open_events
from argoscope.files.source import EventFile
from argoscope.typing import PathLike

__all__ = ["EventDataset", "Item", "collate", "tensors_of"]

Item = dict[str, Any]
"""``coordinates`` (n, 1 + d) int64, ``features`` (n, 1) float32, one int64 column a label kind,
``images`` (how many), ``images_of`` (how many of each event), ``shape`` (of the grid), ``id`` (run, subrun, event)."""


def tensors_of(event: Event, labels: Sequence[str] = ()) -> Item:
    """Tensors of one event.

    Parameters
    ----------
    event : Event
        Its images must have one shape.
    labels : sequence of {"semantic", "origin", "instance", "ancestor"}
        Label kinds wanted.

    Returns
    -------
    dict
        See `Item`.

    Raises
    ------
    InvalidArgument
        If a label is missing or the images differ in shape.

    Examples
    --------
    >>> from argoscope.events import EventId, Grid, Image
    >>> image = Image.from_points(Grid((4, 4)), np.array([[1, 2]]), np.array([5.0]))
    >>> item = tensors_of(Event(EventId(), (image, image)))
    >>> item["coordinates"].tolist(), item["features"].tolist()
    ([[0, 1, 2], [1, 1, 2]], [[5.0], [5.0]])
    """
    shapes = {image.grid.shape for image in event.images}
    if len(shapes) > 1:
        raise InvalidArgument(f"the images of {event.id} have the shapes {sorted(shapes)}; crop them to one")
    rows = [
        np.column_stack([np.full(len(image), number), image.coordinates])
        for number, image in enumerate(event.images)
    ]
    item: Item = {
        "coordinates": torch.from_numpy(np.concatenate(rows).astype(np.int64)),
        "features": torch.from_numpy(np.concatenate([image.charge for image in event.images])[:, None]),
        "images": len(event.images),
        "images_of": (len(event.images),),
        "shape": shapes.pop(),
        "id": tuple(event.id),
    }
    for kind in labels:
        columns = [image.label(cast("LabelKind", kind)).values for image in event.images]
        item[kind] = torch.from_numpy(np.concatenate(columns).astype(np.int64))
    return item


class EventDataset(torch.utils.data.Dataset[Item]):
    """The events of some files, as tensors.

    Files are opened by the worker that reads from them, and one event is read
    at a time.

    Parameters
    ----------
    paths : path or sequence of paths
        Files of any known format.
    labels : sequence of str
        Label kinds wanted in each item.
    transform : callable, optional
        Event -> Event, applied before tensors are made.
    **options
        Passed to the files' reader, for instance `threshold`.

    Raises
    ------
    UnreadableFile
        If a file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from argoscope.drawn import drawn_event
    >>> from argoscope.files.larcv3_write import write_events
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_events(f"{folder}/a.h5", [drawn_event(0), drawn_event(1)])
    ...     data = EventDataset(f"{folder}/a.h5", labels=["semantic"])
    ...     loader = torch.utils.data.DataLoader(data, batch_size=2, collate_fn=collate)
    ...     batch = next(iter(loader))
    >>> batch["images"], batch["coordinates"][:, 0].max().item()
    (6, 5)
    """

    def __init__(
        self,
        paths: PathLike | Sequence[PathLike],
        *,
        labels: Sequence[str] = (),
        transform: Callable[[Event], Event] | None = None,
        **options: Any,
    ) -> None:
        listed = [paths] if isinstance(paths, (str, Path)) else list(cast("Sequence[PathLike]", paths))
        self.files: list[EventFile] = [open_events(path, **options) for path in listed]
        self.labels = tuple(labels)
        self.transform = transform
        self._ends = list(accumulate(len(file) for file in self.files))
        for file in self.files:
            file.close()

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def event(self, index: int) -> Event:
        """Read one event, transformed; `index` counts over all files."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        number = self._file_of(index)
        before = self._ends[number - 1] if number else 0
        event = self.files[number].event(index - before)
        return event if self.transform is None else self.transform(event)

    def where(self, index: int) -> str:
        """Path of the file that has an event."""
        return str(self.files[self._file_of(index)].path)

    def _file_of(self, index: int) -> int:
        return bisect.bisect_right(self._ends, index)

    def __getitem__(self, index: int) -> Item:
        return tensors_of(self.event(index), self.labels)


def collate(items: Sequence[Item]) -> Item:
    """Put several events into one batch: images are numbered on, rows joined.

    Parameters
    ----------
    items : sequence of Item
        With the same labels and number of axes. Images of several sizes get the smallest grid that holds all, each at
        its origin: no answer of a U-ResNet depends on it, while a dense network reads more empty pixels.

    Returns
    -------
    Item
        ``images`` is the total; ``id`` the list of all.

    Raises
    ------
    InvalidArgument
        If there is no item, or some have two axes and some three.
    """
    axes = sorted({len(item["shape"]) for item in items})
    if len(axes) != 1:
        raise InvalidArgument(
            f"a batch must hold images of one number of axes, but these have {axes or 'none'}"
        )
    shape = tuple(max(sides) for sides in zip(*(item["shape"] for item in items), strict=True))
    starts = [0, *accumulate(item["images"] for item in items)]
    rows = []
    for item, start in zip(items, starts[:-1], strict=True):
        coordinates = item["coordinates"].clone()
        coordinates[:, 0] += start
        rows.append(coordinates)
    batch: Item = {
        key: torch.cat([item[key] for item in items])
        for key in items[0]
        if isinstance(items[0][key], torch.Tensor) and key != "coordinates"
    }
    return {
        **batch,
        "coordinates": torch.cat(rows),
        "images": starts[-1],
        "images_of": tuple(images for item in items for images in item["images_of"]),
        "shape": shape,
        "id": [item["id"] for item in items],
    }
