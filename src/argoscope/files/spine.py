"""SPINE HDF5, format version 2: volumes that SPINE's displays open.

    /info                            attributes: format, format_version, spine_version, version, complete, cfg
    /events                          (N,) int64, the number of each event
    /products/{key}                  attributes: kind ("array"), scalar
    /products/{key}/values           the rows of all events, one after another
    /products/{key}/event_offsets    (N + 1,) int64: event i owns rows offsets[i] to offsets[i + 1]

We write voxel centres (`points`, cm), `depositions`, `segmentation` (scheme
`SHAPE`, -1 unlabelled), `instance` and `interaction`; `voxels`, `volume` and
`event_id` keep what SPINE has no array for. `SpineFile` reads such files back;
of SPINE's own products, which are objects, it reads none.

References
----------
SPINE, github.com/DeepLearnPhysics/spine, "HDF5 format versions".
"""

from __future__ import annotations

from collections.abc import Iterable

import h5py
import numpy as np

from argoscope import __version__
from argoscope.errors import InvalidArgument, UnreadableFile, nearest_hint
from argoscope.events import IDENTIFIER, SHAPE, Event, EventId, Grid, Image, LabelColumn, convert_labels
from argoscope.files.atomic import atomic_output
from argoscope.files.hdf5_output import new_hdf5
from argoscope.files.pilarnet_layout import UNITS
from argoscope.files.safety import open_hdf5, read_rows, reading, reading_structure
from argoscope.files.source import Description, EventFile
from argoscope.files.spine_layout import FORMAT, PRODUCTS, VERSION
from argoscope.typing import PathLike

__all__ = ["SpineFile", "is_spine", "write_spine"]

CHUNK = 4096
NEEDED = ("event_id", "volume", "voxels", "depositions", "segmentation", "instance", "interaction")


def write_spine(
    path: PathLike, events: Iterable[Event], *, overwrite: bool = False, allow_lossy: bool = False
) -> int:
    """Write volumes as a SPINE HDF5 file of version 2, one event after another.

    Parameters
    ----------
    path : path
        The file; it appears when it is whole.
    events : iterable of Event
        Volumes.
    overwrite : bool
        Whether an existing file may be replaced.
    allow_lossy : bool
        Whether semantic labels of other schemes may be converted to `SHAPE`.

    Returns
    -------
    int
        Number of events written.

    Raises
    ------
    InvalidArgument
        If an event is no volume, its labels cannot be said in SPINE's classes, or the file exists.
    StorageError
        If the disk refuses.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> image = Image.from_points(Grid((8, 8, 8), unit="cm"), np.array([[1, 2, 3]]), np.array([0.5]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "one.h5"
    ...     _ = write_spine(path, [Event(EventId(1, 0, 7), (image,))])
    ...     SpineFile(path).event(0).id
    EventId(run=1, subrun=0, event=7)
    """
    written = 0
    with (
        atomic_output(path, overwrite=overwrite) as temporary,
        new_hdf5(temporary) as output,
    ):
        file = output.file
        _create(file)
        for event in events:
            try:
                rows = _rows(event, written, allow_lossy=allow_lossy)
            except InvalidArgument as error:
                raise InvalidArgument(f"event {written} ({event.id}) cannot be written: {error}") from error
            _append(file, rows)
            output.check()
            written += 1
        file["info"].attrs["complete"] = True
    return written


def _create(file: h5py.File) -> None:
    info = file.create_group("info")
    # Fixed-length strings: variable-length ones live in a heap that a damaged byte can turn into an endless loop.
    for name, text in (
        ("version", __version__),
        ("spine_version", f"argoscope {__version__}"),
        ("format", FORMAT),
    ):
        info.attrs[name] = np.bytes_(text)
    info.attrs["format_version"], info.attrs["complete"] = VERSION, False
    info.attrs["cfg"] = np.bytes_(f"writer: argoscope {__version__}\n")
    file.create_dataset("events", (0,), "<i8", maxshape=(None,), chunks=(CHUNK,))
    for name, column in PRODUCTS.items():
        group = file.create_group(f"products/{name}")
        group.attrs["kind"], group.attrs["scalar"] = np.bytes_("array"), column.scalar
        tail = (column.width,) if column.width > 1 else ()
        group.create_dataset(
            "values", (0, *tail), column.dtype, maxshape=(None, *tail), chunks=(CHUNK, *tail),
            compression="gzip", compression_opts=1,
        )  # fmt: skip
        group.create_dataset("event_offsets", data=np.zeros(1, np.int64), maxshape=(None,), chunks=(CHUNK,))


def _append(file: h5py.File, rows: dict[str, np.ndarray]) -> None:
    at = file["events"].shape[0]
    file["events"].resize(at + 1, axis=0)
    file["events"][at] = at
    for name, values in rows.items():
        data, offsets = file["products"][name]["values"], file["products"][name]["event_offsets"]
        before = data.shape[0]
        data.resize(before + len(values), axis=0)
        data[before:] = values
        offsets.resize(at + 2, axis=0)
        offsets[at + 1] = before + len(values)


def _rows(event: Event, number: int, *, allow_lossy: bool) -> dict[str, np.ndarray]:
    """Rows of every product for one event."""
    if event.dimensions != 3 or len(event.images) != 1:
        raise InvalidArgument(
            f"SPINE holds one volume an event, this one has {len(event.images)} images of {event.dimensions} axes"
        )
    image = event.images[0]
    grid, labels = image.grid, image.labels
    shape = np.full(len(image), -1)
    if "semantic" in labels:
        column = labels["semantic"]
        shape = convert_labels(column.values, column.scheme, SHAPE, allow_lossy=allow_lossy)
        shape = np.where(shape == SHAPE.unlabelled, -1, shape)
    none = np.full(len(image), -1)
    return {
        "index": np.array([number]),
        "event_id": np.array([event.id]),
        "volume": np.array([[*grid.shape, *grid.size, *grid.origin, UNITS.index(grid.unit)]]),
        "points": grid.centres(image.coordinates),
        "voxels": image.coordinates,
        "depositions": image.charge,
        "segmentation": shape,
        "instance": labels["instance"].values if "instance" in labels else none,
        "interaction": labels["ancestor"].values if "ancestor" in labels else none,
    }


class SpineFile(EventFile):
    """A SPINE file of version 2 with the arrays that `write_spine` writes.

    Examples
    --------
    >>> SpineFile("events_spine.h5")
    SpineFile('events_spine.h5')
    """

    format = "spine"

    def _open(self) -> h5py.File:
        file = open_hdf5(self.path)
        with reading_structure(file, self.path, "its info"):
            self._check(file)
        return file

    def _check(self, file: h5py.File) -> None:
        version, complete = file["info"].attrs["format_version"], file["info"].attrs.get("complete", False)
        if version != VERSION:
            raise UnreadableFile(
                f"{self.path} is SPINE's format version {version}: only version {VERSION} can be read, "
                "write it again with format_version: 2"
            )
        if not complete:
            raise UnreadableFile(f"{self.path} is not complete: its writer was interrupted, write it again")
        for name in NEEDED:
            group = file["products"].get(name)
            if not isinstance(group, h5py.Group) or not {"values", "event_offsets"} <= set(group):
                raise UnreadableFile(
                    f"{self.path}: the array product {name!r} is missing. {nearest_hint(name, list(file['products']))} "
                    "Only files that argoscope wrote can be read back."
                )
            if group["event_offsets"].shape != (len(file["events"]) + 1,):
                raise UnreadableFile(
                    f"{self.path}: {name} has {group['event_offsets'].shape} offsets for {len(file['events'])} events: "
                    "the file is damaged or incomplete"
                )
            width = PRODUCTS[name].width
            if group["values"].shape[1:] != ((width,) if width > 1 else ()):
                raise UnreadableFile(
                    f"{self.path}: {name} must have rows of {width}, not {group['values'].shape[1:]}"
                )

    def __len__(self) -> int:
        return int(self.handle["events"].shape[0])

    def describe(self) -> Description:
        """Say what the file holds."""
        products = {
            n: {"rows": int(g["values"].shape[0])}
            for n, g in self.handle["products"].items()
            if "values" in g
        }
        schemes = {"semantic": SHAPE.name, "instance": IDENTIFIER.name, "ancestor": IDENTIFIER.name}
        return Description(self.format, len(self), 1, products, schemes, {"charge": "MeV", "energy": "MeV"})

    def product(self, index: int, name: str) -> np.ndarray:
        """The rows of one array product in one event.

        Raises
        ------
        UnreadableFile
            If the offsets point outside the values.
        """
        group = self.handle["products"][name]
        with reading(self.path, f"event {index} of {name}"):
            low, high = (int(v) for v in group["event_offsets"][index : index + 2])
        rows: np.ndarray = read_rows(group["values"], low, high - low, self.path, f"event {index}")
        return rows

    def _event(self, index: int) -> Event:
        rows = {name: self.product(index, name) for name in NEEDED}
        if len(rows["event_id"]) != 1 or len(rows["volume"]) != 1:
            raise InvalidArgument("it must have one row of event_id and one of volume: the file is damaged")
        with reading(self.path, f"event {index} of volume"):
            box = rows["volume"][0]
            unit = UNITS[int(box[9])]
            grid = Grid(tuple(int(v) for v in box[:3]), tuple(box[3:6]), tuple(box[6:9]), unit=unit)
        shape = np.where(rows["segmentation"] == -1, SHAPE.unlabelled, rows["segmentation"])
        labels = {
            "semantic": LabelColumn(shape, SHAPE),
            "instance": LabelColumn(rows["instance"], IDENTIFIER),
            "ancestor": LabelColumn(rows["interaction"], IDENTIFIER),
        }
        image = Image(grid, rows["voxels"], rows["depositions"], labels)
        return Event(EventId(*rows["event_id"][0]), (image,), charge_unit="MeV")


def is_spine(file: h5py.File) -> bool:
    """Whether an open file says that it is SPINE's."""
    info = file.get("info")
    if not isinstance(info, h5py.Group) or "products" not in file:
        return False
    said = info.attrs.get("format", b"")
    return said in {FORMAT, FORMAT.encode()}
