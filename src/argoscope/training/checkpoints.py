"""The state of a training on disk: safetensors and JSON, from which it goes on bit for bit.

A checkpoint is one safetensors file with the network's tensors (``network.``),
the optimizer's (``optimizer.``), those of the average of the weights, where
there is one (``average.``), and, as text in its header, the step and the
digest of everything else in the file. The last two are kept. One that is
damaged is passed over, with a warning, for the one before; a run never starts
from scratch in its place.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from argoscope.errors import IntegrityError, UnreadableFile
from argoscope.files.atomic import writing
from argoscope.models.tensor_files import write_tensors

__all__ = ["Progress", "checkpoints_in", "restore", "save_checkpoint"]

KEPT = 2
"""Checkpoints kept: one is always whole."""


@dataclass(frozen=True)
class Progress:
    """How far a training has come.

    Parameters
    ----------
    step : int
        Steps done.
    seconds : float
        Time spent, over all sessions.
    best : float
        Best validation so far.
    scaler : mapping
        State of the scaling of losses in half precision.
    """

    step: int = 0
    seconds: float = 0.0
    best: float = float("-inf")
    scaler: Mapping[str, float] = field(default_factory=dict)


def checkpoints_in(folder: Path) -> list[Path]:
    """Checkpoints of a run, oldest first."""
    return sorted(folder.glob("step-*.safetensors"))


def save_checkpoint(
    folder: Path,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    progress: Progress,
    *,
    average: nn.Module | None = None,
) -> Path:
    """Write a checkpoint, then remove those that are no longer kept.

    Parameters
    ----------
    folder : Path
    network : Module
    optimizer : Optimizer
    progress : Progress
    average : Module, optional
        The running average of the network's weights.

    Raises
    ------
    StorageError
        If the disk refuses; the checkpoints before stay.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    state = optimizer.state_dict()
    tensors = {
        f"{part}.{name}": tensor
        for part, module in (("network", network), ("average", average))
        if module is not None
        for name, tensor in module.state_dict().items()
    }
    for number, entries in state["state"].items():
        for name, value in entries.items():
            if isinstance(value, Tensor):
                tensors[f"optimizer.{number}.{name}"] = value
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    numbers = {"step": progress.step, "seconds": progress.seconds, "best": repr(progress.best)}
    text = json.dumps({**numbers, "scaler": dict(progress.scaler)})
    header = {"progress": text, "digest": _digest(tensors, text)}
    path = folder / f"step-{progress.step:09d}.safetensors"
    write_tensors(path, tensors, header, overwrite=True)
    # Later ones were passed over for their damage; parts are what a killed run was writing.
    kept = [old for old in checkpoints_in(folder) if old <= path][-KEPT:]
    for old in {*checkpoints_in(folder), *folder.glob(".step-*.part")} - set(kept):
        old.unlink(missing_ok=True)
    return path


def restore(
    folder: Path, network: nn.Module, optimizer: torch.optim.Optimizer, *, average: nn.Module | None = None
) -> Progress | None:
    """Fill network, optimizer and average from the last whole checkpoint; None where there is none at all.

    Raises
    ------
    IntegrityError
        If there are checkpoints and none is whole.
    UnreadableFile
        If the last whole one is of another network.
    """
    paths = checkpoints_in(folder)
    for path in reversed(paths):
        try:
            tensors, header = _read(path)
        except IntegrityError as error:
            warnings.warn(f"{error}; going on from the checkpoint before", stacklevel=2)
            continue
        _fill(path, tensors, "network", network)
        if average is not None:
            _fill(path, tensors, "average", average)
        _fill_optimizer(tensors, optimizer)
        numbers = json.loads(header["progress"])
        return Progress(
            int(numbers["step"]), float(numbers["seconds"]), float(numbers["best"]), numbers.get("scaler", {})
        )
    if paths:
        raise IntegrityError(
            f"{folder} holds {len(paths)} checkpoints and none of them is whole; restore a copy of one"
        )
    return None


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            header = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError) as error:
        raise IntegrityError(f"{path} is damaged ({error})") from error
    text = header.get("progress", "")
    # The first checkpoints had no state of the scaling, and a digest of the tensors alone.
    if header.get("digest") != _digest(tensors, text if '"scaler"' in text else "") or not text:
        raise IntegrityError(f"{path} is damaged (its digest differs)")
    return tensors, header


def _fill(path: Path, tensors: Mapping[str, Tensor], part: str, module: nn.Module) -> None:
    weights = {name.partition(".")[2]: t for name, t in tensors.items() if name.startswith(f"{part}.")}
    try:
        module.load_state_dict(weights)
    except RuntimeError as error:
        raise UnreadableFile(
            f"{path} is of another network: {str(error).splitlines()[-1].strip()}"
        ) from error


def _fill_optimizer(tensors: Mapping[str, Tensor], optimizer: torch.optim.Optimizer) -> None:
    entries: dict[int, dict[str, Any]] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimizer."):
            _, number, key = name.split(".", 2)
            entries.setdefault(int(number), {})[key] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": entries})


def _digest(tensors: Mapping[str, Tensor], text: str) -> str:
    found = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(
            tensor.contiguous().view(torch.uint8).numpy().data if tensor.ndim else tensor.numpy().tobytes()
        )
    return found.hexdigest()
