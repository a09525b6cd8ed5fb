"""Weights in files: safetensors, with a card beside that says how to use them. Pickle is never read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from argoscope.errors import IntegrityError, UnreadableFile
from argoscope.events.labels import scheme_named
from argoscope.files.atomic import atomic_output
from argoscope.models.builders import build_network
from argoscope.models.cards import Card, card_path, read_card
from argoscope.models.tensor_files import write_tensors
from argoscope.typing import PathLike

__all__ = [
    "Model",
    "load_model",
    "load_weights",
    "save_model",
]

LEAST_BYTES = 2
"""Bytes of a number in a file of weights: float16's."""
DEEPEST = 64
"""Levels, and blocks of a level: a level halves an image, and none has 2^64 pixels on a side."""


@dataclass(frozen=True)
class Model:
    """A network with its weights, in evaluation mode, and their card.

    Parameters
    ----------
    network : Module
    card : Card
    path : Path
        Of the weights.
    sha256 : str
        Of the weights' file.
    """

    network: nn.Module
    card: Card
    path: Path
    sha256: str


def save_model(
    folder: PathLike, network: nn.Module, card: Card, *, half: bool = False, overwrite: bool = False
) -> Path:
    """Write weights and card; returns the path of the weights.

    Parameters
    ----------
    folder : path
    network : Module
    card : Card
    half : bool
        Store floating-point numbers as float16.
    overwrite : bool

    Raises
    ------
    InvalidArgument
        If the files exist and may not be replaced.
    StorageError
        If the disk refuses.
    """
    path = Path(folder) / f"{card.name}.safetensors"
    tensors = {name: _stored(tensor, half) for name, tensor in network.state_dict().items()}
    write_tensors(path, tensors, overwrite=overwrite)
    text = json.dumps(card.to_json(_sha256(path)), indent=1)
    with atomic_output(path.with_suffix(".json"), overwrite=overwrite) as temporary:
        temporary.write_text(text + "\n")
    return path


def _stored(tensor: Tensor, half: bool) -> Tensor:
    tensor = tensor.detach().cpu().contiguous()
    return tensor.half() if half and tensor.is_floating_point() else tensor


def load_model(name: PathLike) -> Model:
    """Load a model of the package by its name, or one of your own by its path.

    Parameters
    ----------
    name : str or path
        A shipped model, a folder with one model, or the path of weights or card.

    Returns
    -------
    Model
        In evaluation mode, on the CPU, in float32.

    Raises
    ------
    InvalidArgument
        If there is no such model, or no such scheme as its card names; the message names the nearest.
    UnreadableFile
        If a file cannot be read, or weights, network and scheme do not fit one another.
    IntegrityError
        If the weights are not those of the card.
    """
    path = card_path(name)
    card, expected = read_card(path)
    weights = path.with_suffix(".safetensors")
    if not weights.is_file():
        raise UnreadableFile(f"{weights} is missing: the weights belong beside their card")
    sha256 = _sha256(weights)
    if sha256 != expected:
        raise IntegrityError(f"{weights} is not what its card {path} describes: fetch both again")
    _require_classes(card, path)
    _require_size(card, weights)
    network = build_network(card.network)
    load_weights(network, weights)
    return Model(network.eval(), card, weights, sha256)


def _require_classes(card: Card, path: Path) -> None:
    """Refuse a card whose network answers in another number of classes than its scheme has."""
    wanted = len(scheme_named(card.scheme).classes)
    found = card.network.get("classes", wanted)
    if found != wanted:
        raise UnreadableFile(
            f"{path}: its network has {found} classes, and its scheme {card.scheme!r} {wanted}: the weights mean other "
            "classes; fetch weights and card again"
        )


def _require_size(card: Card, path: Path) -> None:
    """Refuse a card whose network has more numbers than its file could hold, before memory is taken for them."""
    _require_modest(card.network, path)
    with torch.device("meta"):  # tensors without memory
        numbers = sum(tensor.numel() for tensor in build_network(card.network).state_dict().values())
    size = path.stat().st_size
    if numbers * LEAST_BYTES > size:
        raise UnreadableFile(
            f"{path} does not fit the network on its card: {size} bytes are too few for its {numbers} numbers; "
            "fetch both again"
        )


def _require_modest(value: Any, path: Path) -> None:
    """Refuse numbers that no network has, as building one with them would not end."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in {"depth", "blocks"} and isinstance(inner, int) and inner > DEEPEST:
                raise UnreadableFile(
                    f"{path}: its card has a network with {name} (={inner}), more than {DEEPEST}"
                )
            _require_modest(inner, path)


def load_weights(network: nn.Module, path: PathLike) -> None:
    """Fill a network with the weights of a file, in the network's own precision.

    Raises
    ------
    UnreadableFile
        If the file is no safetensors, or its names or shapes are not the network's.
    """
    try:
        stored = load_file(path)
    except (SafetensorError, OSError) as error:
        raise UnreadableFile(f"{path}: no weights can be read there ({error})") from error
    wanted = network.state_dict()
    for title, names in (("lacks", set(wanted) - set(stored)), ("has also", set(stored) - set(wanted))):
        if names:
            raise UnreadableFile(
                f"{path} does not fit the network: it {title} {sorted(names)[0]!r} ({len(names)} in all); "
                "give the configuration it was trained with"
            )
    for key, tensor in wanted.items():
        if stored[key].shape != tensor.shape:
            raise UnreadableFile(
                f"{path} does not fit the network: {key!r} has shape {tuple(stored[key].shape)}, the network "
                f"{tuple(tensor.shape)}; give the configuration it was trained with"
            )
    with torch.no_grad():
        network.load_state_dict({key: stored[key].to(tensor.dtype) for key, tensor in wanted.items()})


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
