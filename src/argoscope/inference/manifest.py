"""The list of what a folder of outputs holds: `manifest.json` beside them.

It says of each input which output it has, with what events, model and
warnings, and what input of which content (SHA-256), or why it was set aside;
and how the last run that wrote into the folder came to be.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from argoscope.files.atomic import atomic_output
from argoscope.files.provenance import provenance_block

__all__ = ["MANIFEST", "write_manifest"]

MANIFEST = "manifest.json"
"""Name of the list in a folder of outputs."""


def write_manifest(
    folder: Path, answers: Sequence[Mapping[str, Any]], *, command: str, configuration: dict[str, Any]
) -> Path:
    """Write the manifest of a run, in place of that of an earlier one; returns its path.

    Parameters
    ----------
    folder : Path
        Of the outputs.
    answers : sequence of mapping
        What was said of each input: an answer of `predict_file`, or ``input`` and ``error``.
    command : str
        The command line.
    configuration : dict
        Options of the run.

    Raises
    ------
    StorageError
        If the disk refuses.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_manifest(Path(folder), [{"input": "a.h5", "error": "cut short"}], command="", configuration={})
    ...     path.name, json.loads(path.read_text())["files"]
    ('manifest.json', [{'input': 'a.h5', 'error': 'cut short'}])
    """
    path = folder / MANIFEST
    block = provenance_block(command, configuration=configuration)
    with atomic_output(path, overwrite=True) as temporary:
        temporary.write_text(json.dumps({**block, "files": list(answers)}, indent=1) + "\n")
    return path
