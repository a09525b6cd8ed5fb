"""A detector from the user's own YAML file.

The keys are the fields of `Detector` and its parts, each with its unit in its
name. A file may extend a preset and say only what differs: mappings are
merged, lists are replaced whole.

    schema_version: 1
    extends: microboone
    name: my-detector
    drift:
      velocity_cm_us: 0.1117

`dump_detector` writes a complete file, which `load_detector` reads back as
the same value. Version 1 is the first; a version is added when a key changes
its meaning or goes away.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml

from argoscope.detectors.detector import Detector
from argoscope.detectors.presets import PRESETS
from argoscope.detectors.schema import from_plain, to_plain
from argoscope.detectors.yaml_text import parse_yaml, read_yaml
from argoscope.errors import InvalidArgument, StorageError, nearest_hint
from argoscope.typing import PathLike

__all__ = ["SCHEMA_VERSION", "detector_from_yaml", "detector_to_yaml", "dump_detector", "load_detector"]

SCHEMA_VERSION = 1
"""Version of the keys."""


def load_detector(path: PathLike) -> Detector:
    """Read a detector from a YAML file.

    Parameters
    ----------
    path : path-like
        A file of at most 1 MB.

    Returns
    -------
    Detector

    Raises
    ------
    UnreadableFile
        If the file is missing, a directory or not permitted.
    InvalidArgument
        If it is no YAML, or a key or value breaks its rule; the message names file, key, value and rule.
    """
    return _build(read_yaml(path), str(path))


def detector_from_yaml(text: str, name: str = "the YAML text") -> Detector:
    """A detector from YAML text; the content of a file as `load_detector` takes it.

    Examples
    --------
    >>> mine = detector_from_yaml("{extends: microboone, name: mine, drift: {velocity_cm_us: 0.1117}}")
    >>> mine.name, mine.drift.velocity_cm_us, mine.planes[2].wires
    ('mine', 0.1117, 3456)
    """
    return _build(parse_yaml(text, name), name)


def detector_to_yaml(detector: Detector) -> str:
    """YAML text with every key of a detector.

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> detector_to_yaml(detector_named("icarus")).splitlines()[:2]
    ['schema_version: 1', 'name: icarus']
    """
    content = {"schema_version": SCHEMA_VERSION, **to_plain(detector)}
    return yaml.safe_dump(content, sort_keys=False, default_flow_style=None, width=110)


def dump_detector(detector: Detector, path: PathLike, *, overwrite: bool = False) -> None:
    """Write a detector as a YAML file that `load_detector` reads back as the same value.

    Parameters
    ----------
    detector : Detector
    path : path-like
        The new file; it appears only when it is whole.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    InvalidArgument
        If the file exists and may not be replaced.
    StorageError
        If it cannot be written.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        raise InvalidArgument(f"{path} exists; choose another name or allow it to be replaced")
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            file.write(detector_to_yaml(detector))
        Path(file.name).replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror or error})") from error


def _build(content: dict[str, Any], name: str) -> Detector:
    content = dict(content)
    version = content.pop("schema_version", SCHEMA_VERSION)
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise InvalidArgument(
            f"{name}: schema_version (={version!r}) must be {SCHEMA_VERSION}, the version this package reads"
        )
    base = content.pop("extends", None)
    if base is not None:
        if not isinstance(base, str) or base not in PRESETS:
            raise InvalidArgument(
                f"{name}: extends (={base!r}) must be a detector we know. {nearest_hint(str(base), PRESETS)}"
            )
        content = _merged(to_plain(PRESETS[base]), content)
    detector: Detector = from_plain(Detector, content, name)
    return detector


def _merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`base` with the changes; mappings are merged, everything else is replaced."""
    out = dict(base)
    for key, value in changes.items():
        old = out.get(key)
        out[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return out
