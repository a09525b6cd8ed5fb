"""Starting a network from the weights of another: what has the same name and shape is taken, and said.

Paper 2 starts its U-ResNet from the encoder of a network that tells single
particles apart; in the same way a network of one task starts from one of
another, whose last layer has other classes. Between networks of one task every
weight must fit: there a missing one is a mistake.

References
----------
Paper 2: arXiv:1808.07269, section IV A.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from argoscope.errors import InvalidArgument
from argoscope.models.weights import Model, load_weights

__all__ = ["Transfer", "start_from"]


@dataclass(frozen=True)
class Transfer:
    """Which weights, by name, came from another model.

    Parameters
    ----------
    model : str
        Name of the other model.
    taken : tuple of str
        Weights of the network that are those of the model.
    fresh : tuple of str
        Weights of the network that the model has not, or of another shape: they stay as they were.
    left : tuple of str
        Weights of the model that the network has no place for.
    """

    model: str
    taken: tuple[str, ...]
    fresh: tuple[str, ...]
    left: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Every name, as a run's folder keeps them."""
        return {"model": self.model, "taken": self.taken, "fresh": self.fresh, "left": self.left}

    def __str__(self) -> str:
        """In one line, by the parts of the networks.

        Examples
        --------
        >>> print(Transfer("a", ("level.up.weight", "level.down.weight"), ("head.weight", "head.bias"), ()))
        from a 2 weights were taken (level 2), 2 start fresh (head 2), 0 of it were left
        """
        return (
            f"from {self.model} {len(self.taken)} weights were taken{_parts(self.taken)}, {len(self.fresh)} start fresh"
            f"{_parts(self.fresh)}, {len(self.left)} of it were left{_parts(self.left)}"
        )


def _parts(names: Iterable[str]) -> str:
    """How many of each part, "network." apart, in which dense networks are wrapped."""
    counts = Counter(name.removeprefix("network.").split(".")[0] for name in names)
    return f" ({', '.join(f'{part} {count}' for part, count in counts.items())})" if counts else ""


def _difference(wanted: Mapping[str, Tensor], stored: Mapping[str, Tensor]) -> str:
    """The first layer of one name and two shapes, in words."""
    for key, weight in wanted.items():
        if weight.ndim > 1 and key in stored:
            return f": {key} is {tuple(stored[key].shape)} there and {tuple(weight.shape)} in the network"
    return ""


def _size(model: Model) -> str:
    sizes = ("filters", "depth", "blocks")
    return ", ".join(f"{name} {model.card.network[name]}" for name in sizes if name in model.card.network)


def start_from(network: nn.Module, model: Model, *, task: str) -> Transfer:
    """Fill a network with what fits of a model's weights, running averages of norms included.

    Parameters
    ----------
    network : Module
        Changed in place.
    model : Model
    task : str
        Of the network. If it is the model's too, all weights must fit.

    Returns
    -------
    Transfer

    Raises
    ------
    UnreadableFile
        If the tasks are the same and the weights do not fit.
    InvalidArgument
        If no weight fits.
    """
    wanted, stored = network.state_dict(), model.network.state_dict()
    if model.card.task == task:
        load_weights(network, model.path)
        return Transfer(model.card.name, tuple(wanted), (), ())
    taken = tuple(key for key in wanted if key in stored and stored[key].shape == wanted[key].shape)
    if not any(wanted[key].ndim > 1 for key in taken):
        raise InvalidArgument(
            f"init (={model.path}): no layer of {model.card.name} has the name and shape of one of the network"
            f"{_difference(wanted, stored)}; train the one with the filters, depth and blocks of the other "
            f"({model.card.name}: {_size(model)})"
        )
    with torch.no_grad():
        network.load_state_dict({**wanted, **{key: stored[key].to(wanted[key].dtype) for key in taken}})
    return Transfer(
        model.card.name,
        taken,
        tuple(key for key in wanted if key not in taken),
        tuple(key for key in stored if key not in taken),
    )
