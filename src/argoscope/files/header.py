"""The `/argoscope` group: what a larcv3 file cannot say about itself.

Four datasets of bytes (uint8), none of them variable-length, beside `/Events`
and `/Data`; larcv3's own readers ignore them:

==============  =================================================================
`header`        JSON: format version, roles, label schemes, units, detector
`provenance`    JSON: command, package version, seeds, configuration, input hashes
`checksums`     JSON: CRC32 of the bytes of every dataset
`seal`          CRC32 of the bytes of `checksums`
==============  =================================================================

Format version
--------------
A reader refuses by name a major version that it does not know; a minor version
adds keys that older readers may ignore.

1.0  first version
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from argoscope.errors import IntegrityError, UnreadableFile
from argoscope.events.grid import Unit
from argoscope.events.labels import SCHEMES, LabelScheme
from argoscope.files.guard import say
from argoscope.files.safety import read_rows

__all__ = [
    "FORMAT_VERSION",
    "GROUP",
    "Header",
    "crc32_of",
    "read_header",
    "sealed_checksums",
    "verify",
    "write_group",
]

FORMAT_VERSION = "1.0"
"""Version that this package writes."""

GROUP = "argoscope"

_ROWS = 65_536
"""Rows read at a time while checking: memory stays flat."""


@dataclass(frozen=True)
class Header:
    """What the products of a file mean.

    Parameters
    ----------
    roles : dict of str to str
        Product for each role: "charge", "semantic", "origin", "instance",
        "ancestor", "truth", "interaction", "particles", "neutrino"; of predictions
        "prediction", "predicted_interaction", "predicted_interaction_scores".
    schemes : dict of str to LabelScheme
        Label scheme of each label product.
    charge_unit, energy_unit : str
        Unit of the charge, and of the particle tables.
    detector : str
        Name of the detector.
    provenance : dict
        How the file came to be.
    grid_units : dict of str to str
        Unit of the grid of each product, which larcv3 itself does not save.
    """

    roles: dict[str, str] = field(default_factory=dict)
    schemes: dict[str, LabelScheme] = field(default_factory=dict)
    charge_unit: str = "ADC"
    energy_unit: str = "MeV"
    detector: str = ""
    provenance: dict[str, Any] = field(default_factory=dict)
    grid_units: dict[str, Unit] = field(default_factory=dict)

    def absent_role(self, products: Collection[str]) -> tuple[str, str] | None:
        """First role, by name of its product, that is given to none of these products; with that name.

        Examples
        --------
        >>> Header(roles={"charge": "sparse2d_wire"}).absent_role(["sparse2d_other"])
        ('charge', 'sparse2d_wire')
        """
        absent = [(role, product) for role, product in self.roles.items() if product not in products]
        return min(absent, key=lambda pair: pair[1], default=None)

    def to_json(self) -> dict[str, Any]:
        """Everything but the provenance, as JSON stores it."""
        return {
            "format_version": FORMAT_VERSION,
            "roles": self.roles,
            "schemes": {product: asdict(scheme) for product, scheme in self.schemes.items()},
            "units": {"charge": self.charge_unit, "energy": self.energy_unit},
            "grid_units": self.grid_units,
            "detector": self.detector,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any], provenance: dict[str, Any], path: Path) -> Header:
        """Build a header from its stored form.

        Raises
        ------
        UnreadableFile
            If its version is newer than this package knows, or a key is missing.
        """
        version = str(values.get("format_version", ""))
        if version.split(".", maxsplit=1)[0] != FORMAT_VERSION.split(".", maxsplit=1)[0]:
            raise UnreadableFile(
                f"{path}: /{GROUP}/header has format version {version!r}, this argoscope knows {FORMAT_VERSION}: "
                "install a newer argoscope"
            )
        try:
            return cls(
                roles={str(role): str(product) for role, product in values["roles"].items()},
                schemes={str(k): _scheme(v) for k, v in values["schemes"].items()},
                charge_unit=str(values["units"]["charge"]),
                energy_unit=str(values["units"]["energy"]),
                detector=str(values["detector"]),
                provenance=provenance,
                grid_units={str(product): unit for product, unit in values["grid_units"].items()},
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise UnreadableFile(
                f"{path}: /{GROUP}/header lacks or garbles {error}: the file is damaged"
            ) from error


def _scheme(values: Mapping[str, Any]) -> LabelScheme:
    scheme = LabelScheme(
        str(values["name"]),
        tuple(map(str, values["classes"])),
        int(values["unlabelled"]),
        int(values["default"]),
    )
    # A known scheme is one object, so that schemes compare by identity of meaning.
    return SCHEMES[scheme.name] if SCHEMES.get(scheme.name) == scheme else scheme


def read_header(file: h5py.File, path: Path) -> Header | None:
    """Header of an open file, or None where another program wrote it.

    Raises
    ------
    UnreadableFile
        If the group is there and damaged, or of a newer major version.
    """
    if GROUP not in file:
        return None
    values = _json(file, "header", path)
    return Header.from_json(values, _json(file, "provenance", path), path)


def _json(file: h5py.File, name: str, path: Path) -> dict[str, Any]:
    data = file.get(f"{GROUP}/{name}")
    if not isinstance(data, h5py.Dataset) or data.dtype != np.uint8 or data.ndim != 1:
        raise UnreadableFile(f"{path}: /{GROUP}/{name} is missing or not bytes: the file is damaged")
    content = bytes(read_rows(data, 0, len(data), path, "what stands"))
    try:
        values = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{path}: /{GROUP}/{name} is no JSON: the file is damaged") from error
    if not isinstance(values, dict):
        raise UnreadableFile(f"{path}: /{GROUP}/{name} is no JSON object: the file is damaged")
    return values


def write_group(file: h5py.File, header: Header, checksums: Mapping[str, int]) -> None:
    """Write the group into a file whose other datasets are complete.

    Parameters
    ----------
    file : h5py.File
        Open for writing.
    header : Header
    checksums : mapping of str to int
        CRC32 of each dataset by its full name.
    """
    parts = {
        "header": _dump(header.to_json()),
        "provenance": _dump(header.provenance),
    }
    sums = {**checksums, **{f"/{GROUP}/{name}": zlib.crc32(data) for name, data in parts.items()}}
    parts["checksums"] = _dump(dict(sorted(sums.items())))
    parts["seal"] = zlib.crc32(parts["checksums"]).to_bytes(4, "little")
    group = file.require_group(GROUP)
    for name, data in parts.items():
        group.create_dataset(name, data=np.frombuffer(data, dtype=np.uint8))


def _dump(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, indent=1, sort_keys=True, allow_nan=False).encode()


def crc32_of(data: h5py.Dataset) -> int:
    """CRC32 of all bytes of a dataset, read piece by piece."""
    crc = 0
    for start in range(0, data.shape[0], _ROWS):
        say("reading", start, data.shape[0])
        crc = zlib.crc32(np.ascontiguousarray(data[start : start + _ROWS]).tobytes(), crc)
    return crc


def verify(file: h5py.File, path: Path) -> int:
    """Compare every dataset with its stored checksum.

    Returns
    -------
    int
        Number of datasets that were checked; 0 where the file has no checksums.

    Raises
    ------
    IntegrityError
        If a dataset, or the list of checksums itself, differs.
    """
    if GROUP not in file:
        return 0
    with _reading_back(path):
        return _verified(file, path)


def sealed_checksums(file: h5py.File, path: Path) -> dict[str, Any]:
    """CRC32 of each dataset by its full name, as the file holds them.

    Raises
    ------
    UnreadableFile
        If the file has none.
    IntegrityError
        If they do not match their seal, or cannot be read back.
    """
    with _reading_back(path):
        checksums = _json(file, "checksums", path)
        stored, seal = (bytes(file[f"{GROUP}/{name}"][:]) for name in ("checksums", "seal"))
    if zlib.crc32(stored).to_bytes(4, "little") != seal:
        raise IntegrityError(
            f"{path}: /{GROUP}/checksums does not match its seal: fetch or write the file again"
        )
    return checksums


@contextmanager
def _reading_back(path: Path) -> Iterator[None]:
    """Turn what HDF5 raises at damaged data into an `IntegrityError`."""
    try:
        yield
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, UnreadableFile):
            raise
        reason = str(error).splitlines()[0]
        raise IntegrityError(
            f"{path}: its data cannot be read back ({reason}): fetch or write the file again"
        ) from error


def _verified(file: h5py.File, path: Path) -> int:
    checksums = sealed_checksums(file, path)
    names = set(_datasets(file))
    if names - {f"/{GROUP}/checksums", f"/{GROUP}/seal"} != set(checksums):
        odd = sorted(names.symmetric_difference(checksums) - {f"/{GROUP}/checksums", f"/{GROUP}/seal"})[0]
        raise IntegrityError(
            f"{path}: {odd} is not both in the file and in its list of checksums: fetch it again"
        )
    for number, (name, crc) in enumerate(checksums.items()):
        say("checking", number, len(checksums))
        if crc32_of(file[name]) != crc:
            raise IntegrityError(f"{path}: {name} does not match its checksum: fetch or write the file again")
    return len(checksums)


def _datasets(group: h5py.Group) -> Iterator[str]:
    for item in group.values():
        if isinstance(item, h5py.Group):
            yield from _datasets(item)
        else:
            yield item.name
