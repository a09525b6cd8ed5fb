"""Opening any file of the field: the format is told from the content, never from the name.

>>> sorted(FORMATS)
['edep-sim', 'geant4-steps', 'larcv1-root', 'larcv2-root', 'larcv3', 'microboone-open', 'pilarnet-m', 'spine']
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argoscope.errors import InvalidArgument, UnreadableFile, nearest_hint
from argoscope.files import edepsim, geant4_steps, larcv3, larcv_root, microboone, pilarnet, spine
from argoscope.files.safety import HDF5_SIGNATURE, open_hdf5, require_readable
from argoscope.files.source import EventFile
from argoscope.typing import PathLike

__all__ = ["FORMATS", "Format", "open_events", "recognise"]

ROOT_SIGNATURE = b"root"
"""First bytes of a ROOT file (ROOT's TFile header)."""


@dataclass(frozen=True)
class Format:
    """One file format.

    Parameters
    ----------
    name : str
        As `info` prints it and `convert --to` takes it.
    reader : type of EventFile
    what : str
        What such files are, in a few words.
    recognises : callable, optional
        Whether an open HDF5 file is of this format; None for ROOT files.
    """

    name: str
    reader: type[EventFile]
    what: str
    recognises: Callable[[Any], bool] | None


FORMATS = {
    f.name: f
    for f in (
        Format("larcv3", larcv3.Larcv3File, "larcv3 HDF5, argoscope's own format", larcv3.is_larcv3),
        Format("pilarnet-m", pilarnet.PilarnetFile, "PILArNet-M HDF5 volumes", pilarnet.is_pilarnet),
        Format(
            "microboone-open", microboone.MicrobooneFile, "MicroBooNE open data", microboone.is_microboone
        ),
        Format("edep-sim", edepsim.EdepsimFile, "edep-sim and larnd-sim segments", edepsim.is_edepsim),
        Format("geant4-steps", geant4_steps.Geant4StepFile, "Geant4 steps", geant4_steps.is_geant4_steps),
        Format("spine", spine.SpineFile, "SPINE HDF5 version 2", spine.is_spine),
        Format("larcv1-root", larcv_root.LarcvRootFile, "larcv1 ROOT trees", None),
        Format("larcv2-root", larcv_root.LarcvRootFile, "larcv2 ROOT trees", None),
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
        with larcv_root.LarcvRootFile(path) as root:
            return FORMATS[root.describe().format]
    if start != HDF5_SIGNATURE:
        raise UnreadableFile(
            f"{path} is neither HDF5 nor ROOT (its first bytes are {start!r}): known formats are {', '.join(FORMATS)}"
        )
    with open_hdf5(path, objects=True) as file:
        for known in FORMATS.values():
            if known.recognises is not None and known.recognises(file):
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
    if format is not None and format not in FORMATS:
        raise InvalidArgument(f"there is no format {format!r}. {nearest_hint(format, FORMATS)}")
    known = FORMATS[format] if format else recognise(path)
    try:
        return known.reader(path, **options)
    except TypeError as error:
        raise InvalidArgument(
            f"the reader of {known.name} does not take {sorted(options)}: {error}"
        ) from error
