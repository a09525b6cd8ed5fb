"""Weights in files: safetensors with a card beside, and the ones that ship with the package.

A model is two files, NAME.safetensors and NAME.json. The card says everything
that is needed to use the weights rightly: the network, what is done to an
event before, the label scheme and truth, the charge scale, what data and
training made them, what they reach on held-out events, and the SHA-256 of the
weights. Pickle is never read.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from argoscope.detectors.schema import from_plain, to_plain
from argoscope.errors import IntegrityError, InvalidArgument, UnreadableFile, nearest_hint
from argoscope.events.labels import scheme_named
from argoscope.files.atomic import atomic_output
from argoscope.models.builders import build_network
from argoscope.models.preparation import Preparation
from argoscope.models.tensor_files import write_tensors
from argoscope.typing import PathLike

__all__ = [
    "Card",
    "Model",
    "card_path",
    "load_model",
    "load_weights",
    "read_card",
    "save_model",
    "shipped_models",
]

CARD_VERSION = 1
"""Version of the keys of a card."""
LEAST_BYTES = 2
"""Bytes of a number in a file of weights: float16's."""
DEEPEST = 64
"""Levels, and blocks of a level: a level halves an image, and none has 2^64 pixels on a side."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is to be known of some weights.

    Parameters
    ----------
    name, task : str
        Name of the model, and what it does ("five-class").
    network : dict
        Description, as `build_network` takes it.
    preparation : Preparation
        What is done to an event before.
    scheme : str
        Label scheme of the answer.
    charge_unit : str
        Unit of the charge it was trained on.
    detector : str
        Detector it was trained on.
    charge_scale : float, optional
        The 3-pixel peak of paper 2 in the training data; None where that has none.
    charge_scale_error : float, optional
        How far it may be off for want of events; None in cards from before it was said.
    temperature : float
        What the network gives is divided by it before the softmax; it changes scores, never a label. 1 unless the scores
        were calibrated.
    data, training, metrics : dict
        Recipe of the data, what was spent, what is reached on held-out events.
    limits : tuple of str
        What the weights are not good for.
    """

    name: str
    task: str
    network: dict[str, Any]
    preparation: Preparation
    scheme: str
    charge_unit: str
    detector: str = ""
    charge_scale: float | None = None
    charge_scale_error: float | None = None
    temperature: float = 1.0
    data: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.temperature < float("inf"):
            raise InvalidArgument(f"temperature (={self.temperature}) of a card must be finite and positive")

    @property
    def phases(self) -> list[dict[str, Any]]:
        """The trainings that made the weights, first that of the model it all began with.

        Each is as `training` has it, with the model it started from as its ``origin``.
        """
        found = [self.training]
        while isinstance(origin := found[0].get("origin"), dict):
            earlier = origin.get("training")
            if not isinstance(earlier, dict) or not earlier:
                break
            found.insert(0, earlier)
        return found

    def to_json(self, sha256: str) -> dict[str, Any]:
        """The card as a file holds it."""
        return {"card_version": CARD_VERSION, **to_plain(self), "sha256": sha256}


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


def shipped_models() -> dict[str, Path]:
    """Path of the card of each model in the package, by name."""
    folder = Path(str(files("argoscope.models") / "shipped"))
    return {path.stem: path for path in sorted(folder.glob("*.json"))}


def read_card(path: PathLike) -> tuple[Card, str]:
    """Read a card, and the SHA-256 that its weights must have.

    Raises
    ------
    UnreadableFile
        If it is missing, no JSON or of a newer version.
    InvalidArgument
        If a key is unknown or a value breaks its rule.
    """
    path = Path(path)
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{path}: no card of a model can be read there ({error})") from error
    if not isinstance(values, dict) or values.pop("card_version", None) != CARD_VERSION:
        raise UnreadableFile(f"{path}: is no card of version {CARD_VERSION}; install a newer argoscope")
    sha256 = str(values.pop("sha256", ""))
    plain = {key: values.pop(key) for key in ("network", "data", "training", "metrics") if key in values}
    if any(not isinstance(value, dict) for value in plain.values()):
        raise UnreadableFile(f"{path}: network, data, training and metrics must be mappings")
    preparation = from_plain(Preparation, values.pop("preparation", {}), f"{path}: preparation")
    known = set(Card.__dataclass_fields__)
    for key in values:
        if key not in known:
            raise UnreadableFile(f"{path}: there is no key {key!r} in a card. {nearest_hint(key, known)}")
    try:
        values["limits"] = tuple(values.get("limits", ()))
        return Card(preparation=preparation, **plain, **values), sha256
    except TypeError as error:
        raise UnreadableFile(f"{path}: the card is incomplete: {error}") from error


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


def card_path(name: PathLike) -> Path:
    """Path of the card of a model: shipped, in a folder, or named by its weights or card.

    Raises
    ------
    InvalidArgument
        If there is no such model; the message names the nearest. Or if a bare name is that of a shipped model and of a
        folder here.
    """
    path = Path(name)
    shipped = shipped_models()
    if isinstance(name, str) and name in shipped and path.exists():
        raise InvalidArgument(
            f"{name} is a model of the package, and {path.resolve()} is there too: write ./{name} for that one, rename it or "
            "work in another folder for the package's"
        )
    if path.is_dir():
        cards = sorted(path.glob("*.json"))
        cards = [card for card in cards if card.with_suffix(".safetensors").is_file()]
        if len(cards) != 1:
            raise InvalidArgument(f"{path} holds {len(cards)} models; name one of its cards or weights")
        return cards[0]
    if path.suffix in {".json", ".safetensors"} and path.exists():
        return path.with_suffix(".json")
    if str(name) in shipped:
        return shipped[str(name)]
    raise InvalidArgument(
        f"there is no model {str(name)!r}, neither in the package nor as a file. {nearest_hint(str(name), shipped)}"
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
