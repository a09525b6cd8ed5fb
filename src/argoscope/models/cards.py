"""Cards: what is to be known of some weights, where the card of a model lies, and the models that ship with the package.

A model is two files, NAME.safetensors and NAME.json. The card, the second,
says everything that is needed to use the weights rightly: the network, what is
done to an event before, the label scheme and truth, the charge scale, what
data and training made them, what they reach on held-out events, and the
SHA-256 of the weights. Cards are read without PyTorch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from argoscope.detectors.schema import from_plain, to_plain
from argoscope.errors import InvalidArgument, UnreadableFile, nearest_hint
from argoscope.models.preparation import Preparation
from argoscope.typing import PathLike

__all__ = ["Card", "card_path", "read_card", "shipped_models"]

CARD_VERSION = 1
"""Version of the keys of a card."""


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


def shipped_models() -> dict[str, Path]:
    """Path of the card of each model in the package, by name."""
    folder = Path(str(files("argoscope.models") / "shipped"))
    return {path.stem: path for path in sorted(folder.glob("*.json"))}


def read_card(path: PathLike) -> tuple[Card, str]:
    """Read a card, and the SHA-256 that its weights must have.

    Raises
    ------
    UnreadableFile
        If it is missing, no card of this version, or has an unknown key.
    InvalidArgument
        If a value breaks its rule.
    """
    path = Path(path)
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{path}: no card of a model can be read there ({error})") from error
    if not isinstance(values, dict) or values.pop("card_version", None) != CARD_VERSION:
        raise UnreadableFile(
            f"{path}: is no card of a model, or one of a newer argoscope than this: it says no card_version {CARD_VERSION}"
        )
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
