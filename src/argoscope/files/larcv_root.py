"""ROOT files of larcv: the format of MicroBooNE's and PILArNet's first public samples.

A file has one tree a product, named ``{kind}_{producer}_tree``, with one entry
an event. Two formats are told apart by their content: "larcv2-root" has sparse
tensors or larcv2's particles (`_genid`, `_group_id`), "larcv1-root" has not.
(MicroBooNE's sample, called larcv1 everywhere, has the classes of larcv2's
first year: `ParticleSet`, `VoxelSet`.) Directions of rows and numbering of
voxels are told in `argoscope.files._root_products`.

What was checked on what
------------------------
MicroBooNE's sample     dense images, particles, channel status, clusters of planes and volumes, against each other
Written by ROOT 6.40    larcv2's sparse tensors, clusters, images, particles; images of 2016 (rows downwards)
Not checked             a file that larcv2, or larcv1 of 2016, itself wrote: `describe()` calls them experimental

Reading is lazy: the baskets of one event are unpacked when it is asked for,
and one basket a column is kept for its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from argoscope.errors import InvalidArgument, UnreadableFile, named
from argoscope.events import Event, EventId, Product, Record, empty_particles
from argoscope.events.labels import LabelScheme
from argoscope.files._root_events import (
    LABELS,
    charge_unit,
    find_charge,
    images_of,
    label_products,
    particle_product,
)
from argoscope.files._root_file import LEFT_OUT, OpenFile, has_larcv_trees, is_root, open_root
from argoscope.files._root_particles import channel_status, event_id, read_particles
from argoscope.files._root_products import READERS
from argoscope.files._root_tables import Table, reading_root
from argoscope.files.source import Description, RecordFile
from argoscope.typing import PathLike

__all__ = ["LarcvRootFile", "is_larcv_root"]

LAST_DEAD = 1
"""larcv's channel status: 0 disconnected, 1 dead, 2 low noise, 3 noisy, 4 good; negative where there is no wire."""
EXPERIMENTAL = "experimental: checked on files that ROOT wrote of larcv's published classes, not on one that larcv itself wrote"


def is_larcv_root(path: PathLike) -> bool:
    """Whether `LarcvRootFile` is the reader for this file.

    A ROOT file that cannot be opened counts as one, so that opening it says what is wrong.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.write(b"no ROOT file")
    ...     file.flush()
    ...     is_larcv_root(file.name)
    False
    """
    path = Path(path)
    try:
        if not is_root(path):
            return False
    except UnreadableFile:
        return False
    try:
        return has_larcv_trees(path)
    except (UnreadableFile, InvalidArgument):
        return True


class LarcvRootFile(RecordFile):
    """A larcv1 or larcv2 ROOT file, read one event at a time.

    Parameters
    ----------
    path : path
        The file. It is opened when it is first needed.
    threshold : float
        Dense images keep the pixels of at least this value; they are raw, with noise of both signs. In the
        file's own unit, for MicroBooNE the PIU of papers 1 to 3. Sparse products are kept as stored.
    charge : str, optional
        The product that becomes the charge of an event, where the file has several.
    labels : mapping of str to LabelScheme, optional
        Further products that are semantic labels, and their schemes.

    Raises
    ------
    InvalidArgument
        When it is first read, if the extra ``root`` is not installed.
    UnreadableFile
        When it is first read, if it is missing, damaged or holds no larcv products.

    Examples
    --------
    >>> file = LarcvRootFile("no_such_file.root", threshold=10.0)
    >>> file.event(0)
    Traceback (most recent call last):
    argoscope.errors.UnreadableFile: no_such_file.root does not exist: ...
    """

    format: ClassVar[str] = "larcv-root"

    def __init__(
        self,
        path: PathLike,
        *,
        threshold: float = 10.0,
        charge: str | None = None,
        labels: Mapping[str, LabelScheme] | None = None,
    ) -> None:
        super().__init__(path)
        self.threshold = float(threshold)
        if not np.isfinite(self.threshold):
            raise InvalidArgument(f"threshold (={threshold}) must be a finite number")
        self.charge = charge
        self.labels = {**LABELS, **(labels or {})}

    def _open(self) -> OpenFile:
        file = open_root(self.path)
        if self.charge is not None:
            find_charge(file.kinds, self.charge, self.labels)
        return file

    @property
    def _file(self) -> OpenFile:
        file: OpenFile = self.handle
        return file

    def __len__(self) -> int:
        return self._file.entries

    def product(self, name: str, index: int) -> tuple[Product, ...] | np.ndarray:
        """Read one product of one event, as `record` has it.

        Parameters
        ----------
        name : str
            The product, ``"{kind}_{producer}"``.
        index : int
            Position of the event; negative ones count from the end.

        Returns
        -------
        tuple of Product, or ndarray of `PARTICLE_DTYPE`

        Raises
        ------
        InvalidArgument
            If the file has no such product or event, or no reader for it.
        UnreadableFile
            If it is damaged, a pixel lies outside or a value is not finite.
        """
        index = self.require_index(index)
        table = self._table(name)
        kind = self._file.kind(name)
        with reading_root(self.path, f"{name} of event {index}"):
            if kind == "particle":
                return read_particles(table, index)
            if kind in READERS:
                return READERS[kind](table, index)
        raise InvalidArgument(f"{self.path}: {name} ({table.class_name}) is {LEFT_OUT}")

    def _table(self, name: str) -> Table:
        return named(name, self._file.tables, f"{self.path} has no product")

    def record(self, index: int) -> Record:
        """Read every product of one event: images, sparse images, clusters and particles.

        Dense images have axis 0 = wire (larcv's column) and axis 1 = time, rising; voxels of volumes are sorted
        by id. Products of other classes, as `chstatus`, are left out; `describe()` lists them.

        Raises
        ------
        InvalidArgument
            If the file has no such event.
        UnreadableFile
            If a product is damaged, or the trees disagree on the event's number.
        """
        index = self.require_index(index)
        names = [name for name, kind in self._file.kinds.items() if kind in {"particle", *READERS}]
        numbers = {name: self._number(name, index) for name in names}
        for name, number in numbers.items():
            if number != numbers[names[0]]:
                raise UnreadableFile(
                    f"{self.path}: entry {index} is {numbers[names[0]]} in {names[0]} and {number} in {name}: "
                    "its trees were not written together; write the file again from its sources"
                )
        products = {name: self.product(name, index) for name in names}
        return Record(numbers[names[0]] if names else EventId(), products)

    def _number(self, name: str, index: int) -> EventId:
        with reading_root(self.path, f"{name} of event {index}"):
            return event_id(self._table(name), index)

    def _event(self, index: int) -> Event:
        kinds = self._file.kinds
        charge = find_charge(kinds, self.charge, self.labels)
        planes = self.product(charge, index)
        labels = label_products(kinds, charge, self.labels)
        label = self.product(labels[0], index) if labels else None
        particles = particle_product(kinds)
        with reading_root(self.path, f"{' and '.join([charge, *labels])} of event {index}"):
            return Event(
                self._number(charge, index),
                images_of(planes, self.threshold, label, self.labels[labels[0]] if labels else None),
                empty_particles() if particles is None else np.asarray(self.product(particles, index)),
                charge_unit=charge_unit(kinds[charge]),
            )

    def charge_event(self, index: int) -> Event:
        """Read the charge of one event; see `EventFile.charge_event`."""
        index = self.require_index(index)
        charge = find_charge(self._file.kinds, self.charge, self.labels)
        return self.charge_of(Record(self._number(charge, index), {charge: self.product(charge, index)}))

    def charge_of(self, record: Record) -> Event:
        """Event of the charge of a record; see `RecordFile.charge_of`."""
        kinds = self._file.kinds
        charge = find_charge(kinds, self.charge, self.labels)
        with reading_root(self.path, f"{charge} of {record.id}"):
            images = images_of(record[charge], self.threshold)
        return Event(record.id, images, charge_unit=charge_unit(kinds[charge]))

    def channel_status(self, index: int) -> dict[int, np.ndarray]:
        """Status of every wire of the detector, by plane.

        Returns
        -------
        dict of int to ndarray, shape (wires,), int16
            0 disconnected, 1 dead, 2 low noise, 3 noisy, 4 good; negative where there is no wire.

        Raises
        ------
        InvalidArgument
            If the file has no such event, or no `chstatus` product.
        UnreadableFile
            If it is damaged.
        """
        index = self.require_index(index)
        names = [name for name, kind in self._file.kinds.items() if kind == "chstatus"]
        if not names:
            raise InvalidArgument(
                f"{self.path} has no chstatus product: give its dead wires in a file of their own"
            )
        with reading_root(self.path, f"{names[0]} of event {index}"):
            return channel_status(self._table(names[0]), index)

    def dead_wires(self, index: int) -> dict[int, np.ndarray]:
        """Wires without signal, by plane: disconnected, dead or absent; noisy ones are not among them.

        Wires are numbered as in the detector; a cropped image's column is ``wire - grid.origin[0]``.

        Returns
        -------
        dict of int to ndarray, shape (n,), int64

        Raises
        ------
        InvalidArgument, UnreadableFile
            As `channel_status`.
        """
        return {
            plane: np.flatnonzero(status <= LAST_DEAD) for plane, status in self.channel_status(index).items()
        }

    def describe(self) -> Description:
        """Say what the file holds; products that cannot be read have ``"readable": False`` and the reason."""
        kinds = self._file.kinds
        description = Description(
            format=self._file.generation,
            events=len(self),
            planes=0,
            products={name: self._file.facts(name) for name in kinds},
            provenance={"reader": EXPERIMENTAL} if self._file.experimental else {},
        )
        try:
            charge = find_charge(kinds, self.charge, self.labels)
        except InvalidArgument:
            return description
        labels = label_products(kinds, charge, self.labels)
        return replace(
            description,
            planes=len(self.product(charge, 0)) if len(self) else 0,
            schemes={"semantic": self.labels[labels[0]].name} if labels else {},
            units={"charge": charge_unit(kinds[charge]), "energy": "MeV"},
        )
