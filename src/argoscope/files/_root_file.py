"""Opening a larcv ROOT file: which products it has, and whether its trees belong together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.files._root_products import KINDS, READERS
from argoscope.files._root_tables import Table, reading_root
from argoscope.files.safety import require_readable

__all__ = ["LEFT_OUT", "OpenFile", "has_larcv_trees", "is_root", "open_root"]

SIGNATURE = b"root"
"""First bytes of a ROOT file (ROOT, "TFile physical layout")."""
MAX_OBJECT = 2**28
"""Bytes of a tree without its data, or of the descriptions of all classes, unpacked: both have some hundred thousand."""
OBJECT_LENGTH_AT = 6
"""Where a key has the length of its object, unpacked, in 4 bytes (ROOT, "TFile physical layout": fNbytes, fVersion, fObjlen)."""
LEFT_OUT = "neither an image nor particles, so records leave it out"
LARCV2_COLUMNS = {"_part_v._genid", "_part_v._group_id", "_part_v._num_voxels"}
"""Columns of the particle table that came with larcv2."""


@dataclass(frozen=True)
class OpenFile:
    """The open file, its tables by product in the order of the file, its number of events."""

    file: Any
    tables: dict[str, Table]
    entries: int

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def __del__(self) -> None:
        # uproot leaves its descriptor open when it is forgotten, which Python then warns of.
        self.file.close()

    def kind(self, product: str) -> str:
        """Kind of a product by its class, "" for classes without a reader."""
        return KINDS.get(self.tables[product].class_name, "")

    @property
    def kinds(self) -> dict[str, str]:
        """Kind of every product."""
        return {name: self.kind(name) for name in self.tables}

    @property
    def generation(self) -> str:
        """The format's name: "larcv1-root" or "larcv2-root"."""
        sparse = {"sparse2d", "sparse3d"} & set(self.kinds.values())
        newer = any(not LARCV2_COLUMNS.isdisjoint(table.branches) for table in self.tables.values())
        return "larcv2-root" if sparse or newer else "larcv1-root"

    @property
    def experimental(self) -> bool:
        """Whether the file is of a generation of which no file was at hand."""
        return self.generation == "larcv2-root" or any(
            "_image_v._meta._origin.y" in table for table in self.tables.values()
        )

    def facts(self, product: str) -> dict[str, Any]:
        """What `Description.products` says of a product."""
        table, kind = self.tables[product], self.kind(product)
        facts = {"kind": kind or product.split("_", 1)[0], "class": table.class_name, "rows": table.entries}
        if kind in {"particle", *READERS}:
            return {**facts, "readable": True}
        reason = "read it with channel_status() and dead_wires()" if kind == "chstatus" else LEFT_OUT
        return {**facts, "readable": False, "reason": reason}


def is_root(path: Path) -> bool:
    """Whether the file starts as a ROOT file does.

    Raises
    ------
    UnreadableFile
        If it cannot be read at all.
    """
    require_readable(path)
    with path.open("rb") as stream:
        return stream.read(len(SIGNATURE)) == SIGNATURE


def has_larcv_trees(path: Path) -> bool:
    """Whether the file has a tree of one of larcv's classes, the first that is named as theirs are."""
    uproot = _require_uproot(path)
    with reading_root(path, "its table of contents"), _uproot_file(uproot, path) as file:
        names = _tree_names(file)
        for name in list(names.values())[:1]:
            return Table(path, name, _tree(path, file, name)).class_name.startswith("larcv::")
    return False


def open_root(path: Path) -> OpenFile:
    """Open a file and list its products.

    Raises
    ------
    InvalidArgument
        If uproot is not installed.
    UnreadableFile
        If the file is missing, no ROOT file, damaged, without larcv's trees, or they have different lengths.
    """
    if not is_root(path):
        raise UnreadableFile(f"{path} is no ROOT file (its first bytes are not ROOT's): check its name")
    uproot = _require_uproot(path)
    with reading_root(path, "its table of contents"):
        file = _uproot_file(uproot, path)
    try:
        tables = _tables(path, file)
        return OpenFile(file, tables, _entries(path, tables))
    except BaseException:
        file.close()
        raise


def _require_uproot(path: Path) -> Any:
    try:
        import uproot
    except ImportError as error:
        raise InvalidArgument(
            f"{path} is a ROOT file, and reading those needs uproot: pip install argoscope[root]"
        ) from error
    return uproot


def _uproot_file(uproot: Any, path: Path) -> Any:
    # One reader without threads: it is safe to fork, and holds no more than it was asked for.
    handler = uproot.source.file.MultithreadedFileSource
    file = uproot.open(
        path, handler=handler, num_workers=1, use_threads=False, object_cache=None, array_cache=None
    )
    with path.open("rb") as stream:
        stream.seek(file.file.fSeekInfo + OBJECT_LENGTH_AT)
        _require_small(path, "the description of its classes", int.from_bytes(stream.read(4), "big"))
    return file


def _tree(path: Path, file: Any, name: str) -> Any:
    """A tree, if it does not take too much memory: uproot takes it all before it looks what is there."""
    _require_small(path, name, file.key(name).data_uncompressed_bytes)
    return file[name]


def _require_small(path: Path, what: str, declared: int) -> None:
    if not 0 <= declared <= MAX_OBJECT:
        raise UnreadableFile(
            f"{path}: {what} declares {declared} bytes, where {MAX_OBJECT} are allowed: the file is damaged or made to harm"
        )


def _tree_names(file: Any) -> dict[str, str]:
    """The key of each product's tree; of several cycles of one name the last is read."""
    classes = file.classnames(recursive=False, cycle=False)
    names = [name for name, kind in classes.items() if kind == "TTree" and name.endswith("_tree")]
    return {name.removesuffix("_tree"): name for name in names}


def _tables(path: Path, file: Any) -> dict[str, Table]:
    tables = {}
    with reading_root(path, "its table of contents"):
        names = _tree_names(file)
        set_number = _set_number(file)
    for product, name in names.items():
        with reading_root(path, f"the tree of {product}"):
            table = Table(path, product, _tree(path, file, name), set_number)
        if table.class_name.startswith("larcv::"):
            tables[product] = table
    if not tables:
        raise UnreadableFile(
            f"{path} holds no larcv products (trees named like image2d_wire_tree): it is a ROOT file of another kind"
        )
    return tables


def _set_number(file: Any) -> str:
    """Type of `larcv::VoxelSet::_id`, which grew from 16 to 64 bits; the file itself says which it has."""
    for streamer in file.file.streamers.get("larcv::VoxelSet", {}).values():
        for element in streamer.elements:
            if element.name == "_id":
                return ">u2" if element.typename == "unsigned short" else ">u8"
    return ">u8"


def _entries(path: Path, tables: dict[str, Table]) -> int:
    lengths = {name: table.entries for name, table in tables.items()}
    first = next(iter(lengths))
    for name, length in lengths.items():
        if length != lengths[first]:
            raise UnreadableFile(
                f"{path}: {first} has {lengths[first]} events and {name} has {length}: "
                "its writer was interrupted; write the file again from its sources"
            )
    return lengths[first]
