"""MicroBooNE's public data ("OpenSamples"), with and without waveforms.

Files of tables (`microboone_tables`). With `wire_table` the image is made of
waveforms, without it of hits (`microboone_images`); labels come from the hits'
truth (`microboone_truth`). Energies in the files are GeV, here MeV; charge is ADC.

Three planes an event: 0 and 1 induction, 2 collection. Axis 0 is the wire, axis
1 the drift time.

References
----------
Zenodo 7262009, 8370883, 7261921, 7262140 (CC-BY-4.0); github.com/uboone/OpenSamples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import h5py
import numpy as np

from argoscope.errors import InvalidArgument, UnreadableFile, nearest_hint
from argoscope.events import COSMIC, IDENTIFIER, OPEN_SAMPLES, Event, EventId, Image
from argoscope.files.lineage import rows_of
from argoscope.files.microboone_images import (
    TICKS,
    WIRES,
    Hits,
    Spread,
    WireImage,
    image_of,
    require_wires,
    row_sums,
    spread_hits,
)
from argoscope.files.microboone_tables import EventTable, open_table
from argoscope.files.microboone_truth import NoTruth, hit_owners, label_image, particle_table
from argoscope.files.safety import open_hdf5, reading, reading_structure
from argoscope.files.source import Description, EventFile
from argoscope.typing import PathLike

__all__ = ["MicrobooneFile", "WireImage", "is_microboone"]

TABLES = ("event_table", "hit_table", "edep_table", "particle_table", "wire_table")
BLOCK = 128
"""Wires read at once: 3 MB of waveforms."""


@dataclass(frozen=True)
class _Open:
    """The open file and its tables."""

    file: h5py.File
    tables: dict[str, EventTable]
    events: int

    def close(self) -> None:
        self.file.close()


class MicrobooneFile(EventFile):
    """A file of MicroBooNE's public data.

    Parameters
    ----------
    path : path
        The file.
    recipe : WireImage, optional
        How images are made; by default as in the papers.
    no_truth : {"unlabelled", "cosmic"}
        What charge without truth is in the "origin" labels: cosmic rays are real data.

    Notes
    -----
    Labels, where the file has truth: "origin" (`COSMIC`), "semantic"
    (`OPEN_SAMPLES`) and "instance" (g4_id). A pixel has those of the hit that
    leaves the most charge in it, within two widths of the hit's centre.

    Examples
    --------
    >>> MicrobooneFile("bnb_WithWire_00.h5", recipe=WireImage.notebook())
    MicrobooneFile('bnb_WithWire_00.h5')
    """

    format = "microboone-open"

    def __init__(
        self, path: PathLike, recipe: WireImage | None = None, no_truth: NoTruth = "unlabelled"
    ) -> None:
        super().__init__(path)
        if no_truth not in get_args(NoTruth):
            raise InvalidArgument(f"no_truth (={no_truth!r}) must be one of {get_args(NoTruth)}")
        self.recipe = recipe or WireImage()
        self.no_truth: NoTruth = no_truth

    def _open(self) -> _Open:
        file = open_hdf5(self.path)
        with reading_structure(file, self.path):
            return self._tables(file)

    def _tables(self, file: h5py.File) -> _Open:
        """Find the tables and count the events."""
        found = {name: open_table(file, name, self.path) for name in TABLES}
        tables = {name: table for name, table in found.items() if table is not None}
        if "hit_table" not in tables:
            raise UnreadableFile(
                f"{self.path}: the table 'hit_table' is missing. {nearest_hint('hit_table', list(file))}"
            )
        events = max((int(t.events[-1]) + 1 for t in tables.values() if len(t.events)), default=0)
        return _Open(file, tables, events)

    def __len__(self) -> int:
        return int(self.handle.events)

    @property
    def has_wires(self) -> bool:
        """Whether the file has waveforms."""
        return "wire_table" in self.handle.tables

    @property
    def has_truth(self) -> bool:
        """Whether the file says which particle made a hit."""
        return {"edep_table", "particle_table"} <= set(self.handle.tables)

    def describe(self) -> Description:
        """Say what the file holds."""
        file = self.handle.file
        products = {
            name: {"rows": int(item["event_id"].shape[0]), "columns": len(item)}
            for name, item in file.items()
            if isinstance(item, h5py.Group) and isinstance(item.get("event_id"), h5py.Dataset)
        }
        schemes = {"origin": COSMIC.name, "semantic": OPEN_SAMPLES.name, "instance": IDENTIFIER.name}
        return Description(
            self.format,
            len(self),
            len(WIRES),
            products,
            schemes if self.has_truth else {},
            {"charge": "ADC", "energy": "MeV"},
            "microboone",
        )

    def _event(self, index: int) -> Event:
        tables = self.handle.tables
        hits, hit_id = self._hits(index)
        spread = spread_hits(hits, self.recipe)
        images = self._from_wires(index) if self.has_wires else self._from_hits(hits, spread)
        if self.has_truth:
            images = self._labelled(images, hits, hit_id, spread, index)
        particles = particle_table(tables.get("event_table"), tables.get("particle_table"), index)
        return Event(self._number(index), images, particles, "microboone", "ADC")

    def _number(self, index: int) -> EventId:
        """Run, subrun and event from the first table that has the event."""
        for table in self.handle.tables.values():
            low, high = table.range_of(index)
            if high > low:
                with reading(self.path, f"event {index} of {table.group.name}/event_id"):
                    run, subrun, event = (int(v) for v in table.group["event_id"][low])
                return EventId(run, subrun, event)
        return EventId()

    def _hits(self, index: int) -> tuple[Hits, np.ndarray]:
        table = self.handle.tables["hit_table"]
        names = ("local_plane", "local_wire", "local_time", "rms", "integral")
        return Hits(*(table.column(name, index) for name in names)), table.column("hit_id", index)

    def _from_hits(self, hits: Hits, spread: Spread) -> tuple[Image, ...]:
        images = []
        for plane in range(len(WIRES)):
            on = hits.plane[spread.hit] == plane
            wire, grid = hits.wire[spread.hit[on]], self.recipe.grid(plane)
            images.append(image_of(grid, wire, spread.row[on], spread.charge[on], self.recipe))
        return tuple(images)

    def _from_wires(self, index: int) -> tuple[Image, ...]:
        """Images from waveforms, a block of wires at a time."""
        table = self.handle.tables["wire_table"]
        plane, wire = table.column("local_plane", index), table.column("local_wire", index)
        require_wires(plane, wire, "wire")
        number = plane.astype(np.int64) * max(WIRES) + wire
        if len(np.unique(number)) < len(number):
            raise InvalidArgument("its wire_table holds a wire twice: the file is damaged")
        found: list[np.ndarray] = [np.empty((0, 3))]
        for before, samples in table.blocks("adc", index, TICKS, BLOCK):
            sums = row_sums(samples, self.recipe)
            at, row = np.nonzero(sums >= self.recipe.threshold)
            found.append(np.stack([at + before, row, sums[at, row]], axis=1))
        pixels = np.concatenate(found)
        at, row = pixels[:, 0].astype(np.int64), pixels[:, 1].astype(np.int64)
        images = []
        for p in range(len(WIRES)):
            on = plane[at] == p
            images.append(image_of(self.recipe.grid(p), wire[at[on]], row[on], pixels[on, 2], self.recipe))
        return tuple(images)

    def _labelled(
        self, images: tuple[Image, ...], hits: Hits, hit_id: np.ndarray, spread: Spread, index: int
    ) -> tuple[Image, ...]:
        tables = self.handle.tables
        owner = hit_owners(hit_id, tables["edep_table"], index)
        particles = tables["particle_table"]
        row = rows_of(particles.column("g4_id", index), owner)
        category = np.append(particles.column("category", index), OPEN_SAMPLES.unlabelled)[row]
        category = np.where(owner < 0, OPEN_SAMPLES.unlabelled, category)
        labelled = []
        for plane, image in enumerate(images):
            on = spread.core & (hits.plane[spread.hit] == plane)
            hit = spread.hit[on]
            ids = image.grid.ids(np.stack([hits.wire[hit], spread.row[on]], axis=1).astype(np.int64))
            labelled.append(
                label_image(
                    image,
                    ids=ids,
                    charge=spread.charge[on],
                    owner=owner[hit],
                    category=category[hit],
                    no_truth=self.no_truth,
                )
            )
        return tuple(labelled)


def is_microboone(file: h5py.File) -> bool:
    """Whether an open file has MicroBooNE's hit table."""
    table = file.get("hit_table")
    return isinstance(table, h5py.Group) and {"event_id", "local_plane", "local_wire", "local_time"} <= set(
        table
    )
