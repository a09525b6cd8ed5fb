"""The folder of a run: whose it is, and what belongs to it.

Nothing but a run's own files is ever removed, and only with `--overwrite`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from argoscope.detectors.schema import to_plain
from argoscope.errors import InvalidArgument
from argoscope.files.atomic import atomic_output, require_folder, writing
from argoscope.files.provenance import provenance_block
from argoscope.training.checkpoints import checkpoints_in
from argoscope.training.config import TrainingConfig, config_to_yaml, load_config

__all__ = ["BOARD", "INIT", "SNAPSHOTS", "open_folder", "starts_anew"]

BOARD = "tensorboard"
"""Folder of the logs for TensorBoard."""
INIT = "init.json"
"""Which weights came from another model."""
NOTE = "config.yaml"
"""The resolved configuration."""
PROVENANCE = "provenance.json"
"""What made the run: versions, machine, command."""
SNAPSHOTS = "snapshots"
"""Folder of the weights after chosen steps, each in a folder named by its step."""


def starts_anew(config: TrainingConfig, folder: Path, *, resume: bool, overwrite: bool) -> bool:
    """Whether a run begins in the folder; it goes on with the one that is there otherwise.

    A start that failed left a configuration and no weights: that is no run.

    Parameters
    ----------
    config : TrainingConfig
    folder : Path
    resume, overwrite : bool

    Raises
    ------
    InvalidArgument
        If it is a file, has a run of another configuration, or has one and neither `resume` nor `overwrite`.
    """
    require_folder(folder)
    if overwrite or not _holds_run(folder):
        return True
    if not resume:
        raise InvalidArgument(f"{folder} holds a run: go on with --resume, or start anew with --overwrite")
    note = folder / NOTE
    if not note.exists():
        raise InvalidArgument(
            f"{folder} holds checkpoints without the {NOTE} that says of what: put it back, or choose another folder"
        )
    changed = _differences(load_config(note), config)
    if changed:
        raise InvalidArgument(
            f"{folder} holds a run of another configuration: {'; '.join(changed)}. Give what it was begun with, choose "
            "another folder, or start anew with --overwrite"
        )
    return False


def open_folder(config: TrainingConfig, folder: Path, command: str) -> None:
    """Make the folder of a run that begins, and remove what an earlier one left there.

    Parameters
    ----------
    config : TrainingConfig
    folder : Path
    command : str
        The command line, for the provenance.

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    note = folder / NOTE
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if note.exists():
            _clear(folder)
    with atomic_output(note, overwrite=True) as temporary:
        temporary.write_text(config_to_yaml(config))
    block = provenance_block(command, seeds={"training": config.seed})
    with atomic_output(folder / PROVENANCE, overwrite=True) as temporary:
        temporary.write_text(json.dumps(block, indent=1) + "\n")


def _holds_run(folder: Path) -> bool:
    """Whether there is something to go on from, or a configuration that is not one of ours alone."""
    if checkpoints_in(folder / "checkpoints"):
        return True
    begun = (folder / PROVENANCE).exists()
    return (folder / NOTE).exists() and (bool(_weights_in(folder)) or not begun)


def _differences(there: TrainingConfig, here: TrainingConfig) -> list[str]:
    """Keys that decide the weights and differ, with both values."""
    one, other = (_by_key(to_plain(_deciding(config))) for config in (there, here))
    return [
        f"{key} is {one.get(key)!r} there and {other.get(key)!r} here"
        for key in {**one, **other}
        if one.get(key) != other.get(key)
    ]


def _by_key(values: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Nested values by keys as --set has them, such as optimizer.rate."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= _by_key(value, f"{path}{key}.") if isinstance(value, dict) else {f"{path}{key}": value}
    return found


def _deciding(config: TrainingConfig) -> TrainingConfig:
    """The configuration with what does not touch the weights at its default."""
    return replace(config, data=replace(config.data, workers=0, keep=False), tensorboard=False)


def _weights_in(folder: Path) -> list[Path]:
    """Weights of a run: the last ones, the best, the snapshots."""
    patterns = ("*.safetensors", "best/*.safetensors", f"{SNAPSHOTS}/*/*.safetensors")
    return [path for pattern in patterns for path in folder.glob(pattern)]


def _clear(folder: Path) -> None:
    """Remove what an earlier run left; `config.yaml` stays until it is replaced."""
    weights = _weights_in(folder)
    cards = [path.with_suffix(".json") for path in weights]
    logs = [folder / name for name in ("steps.csv", "validation.csv", "curves.png", PROVENANCE, INIT)]
    for old in [*checkpoints_in(folder / "checkpoints"), *weights, *cards, *logs]:
        old.unlink(missing_ok=True)
    shutil.rmtree(folder / BOARD, ignore_errors=True)
