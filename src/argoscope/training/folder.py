"""The folder of a run: whose it is, and what belongs to it.

Nothing but a run's own files is ever removed, and only with `--overwrite`.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from argoscope.errors import InvalidArgument
from argoscope.files.atomic import atomic_output, writing
from argoscope.files.provenance import provenance_block
from argoscope.training.checkpoints import checkpoints_in
from argoscope.training.config import TrainingConfig, config_to_yaml, load_config

__all__ = ["BOARD", "INIT", "SNAPSHOTS", "open_folder"]

BOARD = "tensorboard"
"""Folder of the logs for TensorBoard."""
INIT = "init.json"
"""Which weights came from another model."""
SNAPSHOTS = "snapshots"
"""Folder of the weights after chosen steps, each in a folder named by its step."""


def open_folder(config: TrainingConfig, folder: Path, command: str, *, resume: bool, overwrite: bool) -> None:
    """Make the run's folder, or check that the run in it is of this configuration.

    Parameters
    ----------
    config : TrainingConfig
    folder : Path
    command : str
        The command line, for the provenance.
    resume, overwrite : bool

    Raises
    ------
    InvalidArgument
        If the folder has a run of another configuration, or one and neither `resume` nor `overwrite`.
    StorageError
        If the disk refuses.
    """
    note = folder / "config.yaml"
    if (note.exists() or checkpoints_in(folder / "checkpoints")) and not overwrite:
        if not resume:
            raise InvalidArgument(
                f"{folder} holds a run: go on with --resume, or start anew with --overwrite"
            )
        if not note.exists() or _deciding(load_config(note)) != _deciding(config):
            raise InvalidArgument(
                f"{folder} holds a run of another configuration; choose another folder, or --overwrite"
            )
        return
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if note.exists():
            _clear(folder)
    with atomic_output(note, overwrite=True) as temporary:
        temporary.write_text(config_to_yaml(config))
    block = provenance_block(command, seeds={"training": config.seed})
    with atomic_output(folder / "provenance.json", overwrite=True) as temporary:
        temporary.write_text(json.dumps(block, indent=1) + "\n")


def _deciding(config: TrainingConfig) -> TrainingConfig:
    """The configuration with what does not touch the weights at its default."""
    return replace(config, data=replace(config.data, workers=0, keep=False), tensorboard=False)


def _clear(folder: Path) -> None:
    """Remove what an earlier run left; `config.yaml` stays until it is replaced."""
    weights = [
        *folder.glob("*.safetensors"),
        *folder.glob("best/*.safetensors"),
        *folder.glob(f"{SNAPSHOTS}/*/*.safetensors"),
    ]
    cards = [path.with_suffix(".json") for path in weights]
    logs = [folder / name for name in ("steps.csv", "validation.csv", "curves.png", "provenance.json", INIT)]
    for old in [*checkpoints_in(folder / "checkpoints"), *weights, *cards, *logs]:
        old.unlink(missing_ok=True)
    shutil.rmtree(folder / BOARD, ignore_errors=True)
