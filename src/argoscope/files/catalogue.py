"""Opening any file of the field: the format is told from the content, never from the name.

>>> sorted(FORMATS)
['edep-sim', 'geant4-steps', 'larcv1-root', 'larcv2-root', 'larcv3', 'microboone-open', 'pilarnet-m', 'spine']
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from argoscope.errors import InvalidArgument, UnreadableFile, named
from argoscope.files.safety import HDF5_SIGNATURE, open_hdf5, require_readable
from argoscope.files.source import EventFile
from argoscope.typing import PathLike

__all__ = ["FORMATS", "Format", "open_events", "recognise"]

ROOT_SIGNATURE = b"root"
"""First bytes of a ROOT file (ROOT's TFile header)."""


@dataclass(frozen=True)
class Format:
    """One file format; its module is imported when it is needed.

    Parameters
    ----------
    name : str
        As `info` prints it and `convert --to` takes it.
    module : str
        Module of `argoscope.files` that reads it.
    reader_name : str
        Its subclass of `EventFile`.
    test_name : str
        Its function that tells whether an open HDF5 file is of this format; "" for ROOT files.
    """

    name: str
    module: str
    reader_name: str
    test_name: str = ""

    @property
    def reader(self) -> type[EventFile]:
        """The reader."""
        found: type[EventFile] = getattr(import_module(f"argoscope.files.{self.module}"), self.reader_name)
        return found

    def recognises(self, file: Any) -> bool:
        """Whether an open HDF5 file is of this format."""
        return bool(
            self.test_name and getattr(import_module(f"argoscope.files.{self.module}"), self.test_name)(file)
        )


FORMATS = {
    f.name: f
    for f in (
        Format("larcv3", "larcv3", "Larcv3File", "is_larcv3"),
        Format("pilarnet-m", "pilarnet", "PilarnetFile", "is_pilarnet"),
        Format("microboone-open", "microboone", "MicrobooneFile", "is_microboone"),
        Format("edep-sim", "edepsim", "EdepsimFile", "is_edepsim"),
        Format("geant4-steps", "geant4_steps", "Geant4StepFile", "is_geant4_steps"),
        Format("spine", "spine", "SpineFile", "is_spine"),
        Format("larcv1-root", "larcv_root", "LarcvRootFile"),
        Format("larcv2-root", "larcv_root", "LarcvRootFile"),
    )
}
"""Every format that can be read, tried in this order."""


def recognise(path: PathLike) -> Format:
    """Tell the format of a file from its content.

    Raises
    ------
    UnreadableFile
        If it cannot be read, or is of no known format; the message says what was found.
    """
    path = Path(path)
    require_readable(path)
    with path.open("rb") as stream:
        start = stream.read(len(HDF5_SIGNATURE))
    if start.startswith(ROOT_SIGNATURE):
        with FORMATS["larcv2-root"].reader(path) as root:
            return FORMATS[root.describe().format]
    if start != HDF5_SIGNATURE:
        raise UnreadableFile(
            f"{path} is neither HDF5 nor ROOT (its first bytes are {start!r}): known formats are {', '.join(FORMATS)}"
        )
    with open_hdf5(path, objects=True) as file:
        for known in FORMATS.values():
            if known.recognises(file):
                return known
        raise UnreadableFile(
            f"{path} is HDF5 of no known format; at its top it has {', '.join(sorted(file)[:8]) or 'nothing'}. "
            f"Known formats are {', '.join(FORMATS)}"
        )


def open_events(path: PathLike, *, format: str | None = None, **options: Any) -> EventFile:
    """Open a file of events, whatever its format.

    Parameters
    ----------
    path : path
        The file.
    format : str, optional
        Name of the format, where it should not be told from the content.
    **options
        Passed to the format's reader, for instance `threshold`.

    Returns
    -------
    EventFile
        Events by number, read when asked for.

    Raises
    ------
    UnreadableFile
        If the file is missing, damaged or of no known format.
    InvalidArgument
        If there is no format of that name, or its reader has no such option.
    """
    known = recognise(path) if format is None else named(format, FORMATS, "there is no format")
    try:
        return known.reader(path, **options)
    except TypeError as error:
        raise InvalidArgument(
            f"the reader of {known.name} does not take {sorted(options)}: {error}"
        ) from error
