"""How an output came to be: the block that every output carries.

Host names and times are facts about one run, not about the data; they are
here and nowhere else, so that the data of equal runs are equal.
"""

from __future__ import annotations

import hashlib
import math
import platform
import re
import subprocess
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from argoscope import __version__
from argoscope.files.guard import say

__all__ = ["file_facts", "jsonable", "provenance_block"]

_BLOCK = 1 << 22


def file_facts(path: Path) -> dict[str, Any]:
    """Name, size in bytes and SHA-256 of an input file."""
    digest = hashlib.sha256()
    size = path.stat().st_size
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            say("bytes of the input read for its checksum", stream.tell(), size)
    return {"path": str(path), "bytes": size, "sha256": digest.hexdigest()}


def provenance_block(
    command: str,
    *,
    inputs: list[dict[str, Any]] | None = None,
    configuration: dict[str, Any] | None = None,
    seeds: dict[str, int] | None = None,
) -> dict[str, Any]:
    """Say how an output came to be.

    Parameters
    ----------
    command : str
        The command line, or the call, that made it.
    inputs : list of dict, optional
        `file_facts` of each input.
    configuration : dict, optional
        The resolved configuration.
    seeds : dict, optional
        Random seeds by stage.

    Returns
    -------
    dict
        JSON-ready.

    Examples
    --------
    >>> sorted(provenance_block("argoscope info a.h5"))
    ['command', 'configuration', 'host', 'inputs', 'package', 'seeds', 'time', 'versions']
    """
    return {
        "command": command,
        "package": {"name": "argoscope", "version": __version__, "git": _git_state()},
        "versions": _versions(),
        "inputs": inputs or [],
        "configuration": jsonable(configuration or {}),
        "seeds": seeds or {},
        "host": {"name": platform.node(), "machine": platform.machine(), "processor": _processor()},
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }


@cache
def _versions() -> dict[str, str]:
    """Of what decides the bits of an output."""
    libraries = ("numpy", "h5py", "numba", "torch")
    return {"python": platform.python_version(), **{name: version(name) for name in libraries}}


@cache
def _processor() -> str:
    """What the processor calls itself: kernels are compiled for it; "" where the system does not tell."""
    try:
        # proc(5); a line a core, all the same.
        found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor()


def jsonable(value: Any) -> Any:
    """Values as JSON has them: JSON knows no infinity, so it becomes a word."""
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _git_state() -> str:
    """Commit of the source tree this package runs from, with "+" where it was changed; "" for an installed one."""
    folder = Path(__file__).resolve().parents[3]
    if not (folder / ".git").exists():
        return ""
    try:
        commit = _git(folder, "rev-parse", "--short", "HEAD")
        return commit + ("+" if _git(folder, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def _git(folder: Path, *arguments: str) -> str:
    """What git answers; it locks nothing for that, as a lock would stand in the user's way, and stay if git is killed."""
    answer = subprocess.run(  # noqa: S603 - fixed arguments
        ["git", "--no-optional-locks", "-C", str(folder), *arguments],  # noqa: S607 - whichever git the user has
        capture_output=True, text=True, check=True, timeout=10,
    )  # fmt: skip
    return answer.stdout.strip()
