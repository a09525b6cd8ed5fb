"""Inputs that lie on another machine: ``root://`` addresses, fetched by XRootD's own `xrdcp`.

A whole file is fetched into the folder of its unit, read there as any other,
and removed with that folder. So every format can be read from storage that
speaks XRootD, and a connection that breaks is one more try of the unit.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path, PurePosixPath

from argoscope.errors import UnreadableFile

__all__ = ["is_remote", "staged"]

FETCH_SECONDS = 3600
"""Time a file may take to come."""


def is_remote(source: str) -> bool:
    """Whether an input is an address.

    Examples
    --------
    >>> is_remote("root://eospublic.cern.ch//a.root"), is_remote("a.root")
    (True, False)
    """
    return source.startswith(("root://", "xroot://", "roots://"))


def staged(source: str, folder: Path) -> str:
    """Path to read an input from.

    Parameters
    ----------
    source : str
        Path, or address.
    folder : Path
        Where a fetched file may lie; one that is there already is taken.

    Raises
    ------
    UnreadableFile
        If `xrdcp` is not installed, or does not get the file.
    """
    if not is_remote(source):
        return source
    target = folder / f"input-{PurePosixPath(source.partition('?')[0]).name}"
    if target.exists():
        return str(target)
    program = shutil.which("xrdcp")
    if program is None:
        raise UnreadableFile(
            f"{source} is fetched with xrdcp, which is not installed: install XRootD's client"
        )
    temporary = target.with_name(f"{target.name}.part")
    temporary.unlink(missing_ok=True)
    try:
        subprocess.run(  # noqa: S603 - an argument list, no shell; "--" ends the options
            [program, "--nopbar", "--silent", "--", source, str(temporary)],
            check=True, capture_output=True, text=True, timeout=FETCH_SECONDS,
        )  # fmt: skip
        temporary.replace(target)
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile(f"{source} did not come within {FETCH_SECONDS} s") from error
    except (subprocess.CalledProcessError, OSError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise UnreadableFile(
            f"{source} could not be fetched: {said[-1] if said else 'xrdcp failed'}"
        ) from error
    return str(target)
