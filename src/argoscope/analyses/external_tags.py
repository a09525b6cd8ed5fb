"""Tags that another reconstruction made, as plain columns; `tag_tables` says in which files.

====================================  ==================================================
`event_run`, `event_subrun`,          every event that was looked at, tagged pixels or not
`event_event`
`event_veto`                          optional: whether the event as a whole is rejected
`run`, `subrun`, `event`              the event of each tagged pixel
`wire`, `tick`                        its pixel: axis 0 and 1 of the image, as `export` names them
`plane`                               optional: its projection; else all are of the plane asked
====================================  ==================================================

An event that the file does not list is an error: no tags and no answer are not
the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from argoscope.analyses.plane_event import PlaneEvent
from argoscope.analyses.tag_tables import read_tags
from argoscope.analyses.taggers import Provenance, Tag
from argoscope.errors import InvalidArgument, nearest_hint
from argoscope.events import EventId, Image
from argoscope.typing import PathLike

__all__ = ["ExternalTags"]

LISTED = ("event_run", "event_subrun", "event_event")
PIXELS = ("run", "subrun", "event", "wire", "tick")
OPTIONAL = ("event_veto", "plane")


@dataclass(frozen=True, eq=False)
class ExternalTags:
    """Tags of some events.

    Parameters
    ----------
    label : str
        Shown as "external: LABEL".
    columns : mapping of str to ndarray
        As above, whole numbers.
    dilation : int
        Pixels by which every tag grows to all sides.

    Raises
    ------
    InvalidArgument
        If a column is missing, of another length or no whole number; an event is listed twice; or a tagged pixel's
        event is not listed.

    Examples
    --------
    >>> listed = {"event_run": [1, 1], "event_subrun": [0, 0], "event_event": [7, 8]}
    >>> pixel = {"run": [1], "subrun": [0], "event": [7], "wire": [2], "tick": [5]}
    >>> ExternalTags("mine", {**listed, **pixel}).name
    'external: mine'
    """

    label: str
    columns: Mapping[str, np.ndarray]
    dilation: int = 0
    provenance: Provenance = "external"

    def __post_init__(self) -> None:
        if self.dilation < 0:
            raise InvalidArgument(f"dilation (={self.dilation}) must be a number of pixels from 0 up")
        columns = {name: _whole(name, values) for name, values in self.columns.items()}
        for names in (LISTED, PIXELS):
            missing = [name for name in names if name not in columns]
            if missing:
                raise InvalidArgument(
                    f"the tags {self.label!r} lack the column {missing[0]!r}. {nearest_hint(missing[0], columns)}"
                )
        _require_lengths(self.label, columns)
        rows = {tuple(row): at for at, row in enumerate(_keys(columns, LISTED))}
        if len(rows) < len(columns[LISTED[0]]):
            raise InvalidArgument(f"the tags {self.label!r} list an event twice: list each once")
        owner = np.array([rows.get(tuple(row), -1) for row in _keys(columns, PIXELS[:3])], dtype=np.int64)
        if (owner < 0).any():
            row = int((owner < 0).argmax())
            raise InvalidArgument(
                f"the tags {self.label!r} have a pixel (row {row}) of {EventId(*_keys(columns, PIXELS[:3])[row])}, which "
                "they do not list: list every event that was looked at in event_run, event_subrun, event_event"
            )
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "_owner", owner)

    @classmethod
    def open(cls, path: PathLike, *, name: str = "", dilation: int = 0) -> ExternalTags:
        """Read a file of tags.

        Parameters
        ----------
        path : path
            Its suffix is .npz, .h5, .parquet or .root.
        name : str
            By default the file's, without its suffix.
        dilation : int

        Raises
        ------
        UnreadableFile
            If the file cannot be read.
        InvalidArgument
            If its suffix is another, what reads such files is not installed, or its columns are wrong.
        """
        columns = read_tags(path, (*LISTED, *PIXELS, *OPTIONAL))
        return cls(name or Path(path).stem, columns, dilation)

    @property
    def name(self) -> str:
        """As plots and tables show it."""
        return f"external: {self.label}"

    def tag(self, event: PlaneEvent) -> Tag:
        """Tag the pixels of one plane.

        Parameters
        ----------
        event : PlaneEvent

        Returns
        -------
        Tag

        Raises
        ------
        InvalidArgument
            If the event is not listed, or a tagged pixel lies outside the image.
        """
        rows: dict[tuple[int, ...], int] = self.__dict__["_rows"]
        at = rows.get(tuple(event.event.id))
        if at is None:
            raise InvalidArgument(
                f"the tags {self.label!r} have no {event.event.id} among their {len(rows)} events: they are of other "
                "events, or incomplete; an event without tags must be listed too"
            )
        mine = self.__dict__["_owner"] == at
        if "plane" in self.columns:
            mine &= self.columns["plane"] == event.image.grid.projection
        pixels = np.stack([self.columns["wire"][mine], self.columns["tick"][mine]], axis=1)
        veto = "event_veto" in self.columns and bool(self.columns["event_veto"][at])
        self._require_inside(event, pixels)
        return _tag_of(event.image, pixels, veto, self.dilation)

    def _require_inside(self, event: PlaneEvent, pixels: np.ndarray) -> None:
        """Refuse tags outside the image."""
        shape = event.image.grid.shape
        outside = ((pixels < 0) | (pixels >= shape)).any(axis=1)
        if outside.any():
            wire, tick = pixels[int(outside.argmax())].tolist()
            raise InvalidArgument(
                f"the tags {self.label!r} have {int(outside.sum())} of {len(pixels)} pixels of {event.event.id} outside its "
                f"image of {shape}, the first at wire {wire}, tick {tick}: tick counts pixels of the image from its first "
                "row, as `export` names them; ticks of the readout must have the image's first one taken away and be "
                "divided by the ticks of a row (6 in MicroBooNE's)"
            )


def _tag_of(image: Image, pixels: np.ndarray, veto: bool, dilation: int) -> Tag:
    """Tag of some pixels in the image; they grow inside it."""
    ids = np.unique(image.grid.ids(pixels))
    off = int((~np.isin(ids, image.ids)).sum())
    steps = np.arange(-dilation, dilation + 1)
    grown = (pixels[:, None, None] + np.stack(np.meshgrid(steps, steps, indexing="ij"), -1)).reshape(-1, 2)
    inside = ((grown >= 0) & (grown < image.grid.shape)).all(axis=1)
    return Tag(np.isin(image.ids, image.grid.ids(grown[inside])), veto, off)


def _whole(name: str, values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 1 or (len(values) and values.dtype.kind not in "iub"):
        raise InvalidArgument(
            f"the column {name!r} (shape {values.shape}, {values.dtype}) must be a list of whole numbers"
        )
    return values.astype(np.int64)


def _require_lengths(label: str, columns: Mapping[str, np.ndarray]) -> None:
    """Refuse columns of one table that differ in length."""
    for names in ((*LISTED, "event_veto"), (*PIXELS, "plane")):
        lengths = {name: len(columns[name]) for name in names if name in columns}
        if len(set(lengths.values())) > 1:
            raise InvalidArgument(f"the tags {label!r} have columns of different lengths: {lengths}")


def _keys(columns: Mapping[str, np.ndarray], names: tuple[str, ...]) -> list[list[int]]:
    keys: list[list[int]] = np.stack([columns[name] for name in names], axis=1).tolist()
    return keys
