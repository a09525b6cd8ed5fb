"""Weights of a U-ResNet trained with SparseConvNet, loaded into ours.

SparseConvNet keeps a convolution's weight as (offsets, input, output), offsets
in row-major order, as we do; newer versions put a group axis of size 1 after
the offsets. What differs are the names: theirs count the modules of nested
`scn.Sequential`s. The network is that of `scn.UNet(dimension, blocks, planes,
residual_blocks=True, downsample=[2, 2])` between a `SubmanifoldConvolution` and
a `BatchNormReLU`, followed by a `torch.nn.Linear` [arXiv:1903.05663].

To make a file of weights in SparseConvNet's own environment:

    numpy.savez("weights.npz", **{k: v.numpy() for k, v in checkpoint["state_dict"].items()})
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import torch
from torch import Tensor

from argoscope.errors import InvalidArgument
from argoscope.models.uresnet import UResNet, UResNetConfig, check_config

__all__ = ["convert_sparseconvnet", "sparseconvnet_names"]

NORM = {"weight": "weight", "bias": "bias", "running_mean": "runningMean", "running_var": "runningVar"}


def sparseconvnet_names(
    config: UResNetConfig, *, network: str = "sparseModel.", linear: str = "linear.", first: int = 1
) -> dict[str, str]:
    """Name in SparseConvNet's state dict of every entry of ours that holds a weight.

    Parameters
    ----------
    config : UResNetConfig
    network, linear : str
        What the names begin with, for the sparse part and for the linear layer.
    first : int
        Position of the first convolution in the outer `scn.Sequential`: 1 after
        an input layer, 0 without one.

    Examples
    --------
    >>> names = sparseconvnet_names(UResNetConfig(depth=2))
    >>> names["level.deeper.encoder.0.conv1.weight"]
    'sparseModel.2.4.1.2.0.1.1.weight'
    """
    check_config(config)
    names = {"stem.weight": f"{network}{first}.weight"}
    names.update(_level_names(config, 0, "level.", f"{network}{first + 1}."))
    names.update(_norm_names("norm.", f"{network}{first + 2}."))
    names.update({"head.weight": f"{linear}weight", "head.bias": f"{linear}bias"})
    return names


def _norm_names(ours: str, theirs: str) -> Iterator[tuple[str, str]]:
    for mine, other in NORM.items():
        yield ours + mine, theirs + other


def _block_names(ours: str, theirs: str, shortcut: bool) -> Iterator[tuple[str, str]]:
    """A block is a ConcatTable (shortcut beside the convolutions), then an AddTable."""
    if shortcut:
        yield f"{ours}shortcut.weight", f"{theirs}0.weight"
    yield from _norm_names(f"{ours}norm1.", f"{theirs}1.0.")
    yield f"{ours}conv1.weight", f"{theirs}1.1.weight"
    yield from _norm_names(f"{ours}norm2.", f"{theirs}1.2.")
    yield f"{ours}conv2.weight", f"{theirs}1.3.weight"


def _level_names(config: UResNetConfig, depth: int, ours: str, theirs: str) -> Iterator[tuple[str, str]]:
    """Blocks, each two modules; the deeper branch; the join; blocks."""
    for number in range(config.blocks):
        yield from _block_names(f"{ours}encoder.{number}.", f"{theirs}{2 * number}.", shortcut=False)
    if depth + 1 == config.depth:
        return
    branch = 2 * config.blocks
    yield from _norm_names(f"{ours}down_norm.", f"{theirs}{branch}.1.0.")
    yield f"{ours}down.weight", f"{theirs}{branch}.1.1.weight"
    yield from _level_names(config, depth + 1, f"{ours}deeper.", f"{theirs}{branch}.1.2.")
    yield from _norm_names(f"{ours}up_norm.", f"{theirs}{branch}.1.3.")
    yield f"{ours}up.weight", f"{theirs}{branch}.1.4.weight"
    for number in range(config.blocks):
        place = branch + 2 + 2 * number
        yield from _block_names(f"{ours}decoder.{number}.", f"{theirs}{place}.", shortcut=number == 0)


def convert_sparseconvnet(
    state: Mapping[str, Any],
    config: UResNetConfig,
    *,
    network: str = "sparseModel.",
    linear: str = "linear.",
    first: int = 1,
) -> dict[str, Tensor]:
    """State dict for `UResNet(config)` from one of SparseConvNet.

    Parameters
    ----------
    state : mapping of str to array_like or Tensor
        SparseConvNet's state dict, for instance an opened npz file.
    config : UResNetConfig
        Shape of the network it belongs to.
    network, linear, first
        As for `sparseconvnet_names`.

    Returns
    -------
    dict of str to Tensor

    Raises
    ------
    InvalidArgument
        If an entry is missing, left over or of another shape, or `state` a
        checkpoint that holds the state dict.
    """
    _check_state(state)
    names = sparseconvnet_names(config, network=network, linear=linear, first=first)
    with torch.device("meta"):
        expected_shapes = {name: tuple(value.shape) for name, value in UResNet(config).state_dict().items()}
    if f"{linear}bias" not in state and f"{linear}weight" in state:
        raise InvalidArgument(
            f"state lacks '{linear}bias'. If the linear layer had no bias, give zeros: "
            f"state['{linear}bias'] = torch.zeros({config.classes})."
        )
    converted = {}
    for ours, listed in names.items():
        theirs = _spelling(listed, state)
        converted[ours] = _value(theirs, state[theirs], expected_shapes[ours], turned=ours == "head.weight")
        if ours.endswith("running_var"):
            converted[ours.replace("running_var", "num_batches_tracked")] = torch.tensor(0)
    expected = {_spelling(name, state) for name in names.values()}
    spare = sorted(
        name for name in state if name not in expected and not name.endswith("num_batches_tracked")
    )
    if spare:
        raise InvalidArgument(
            f"state has {len(spare)} entries that a U-ResNet of {config} does not have; the first is {spare[0]!r}. "
            f"Check depth, blocks and the prefixes."
        )
    return converted


def _check_state(state: Any) -> None:
    """Refuse what is no state dict, or holds it."""
    if not isinstance(state, Mapping):
        raise InvalidArgument(
            f"state (={type(state).__name__}) must be a mapping of names to arrays; pass a state dict or "
            f"numpy.load('weights.npz')."
        )
    for inner in ("state_dict", "model_state_dict", "model"):
        if isinstance(state.get(inner), Mapping):
            others = ", ".join(map(repr, sorted(state)[:5]))
            raise InvalidArgument(f"state (with {others}) is a whole checkpoint; pass state[{inner!r}].")


def _value(name: str, given: Any, shape: tuple[int, ...], *, turned: bool) -> Tensor:
    """An entry of the original as a tensor of our shape; `turned` if theirs is the transpose."""
    try:
        value = torch.as_tensor(given).clone()
    except (TypeError, ValueError, RuntimeError) as error:
        raise InvalidArgument(
            f"state entry {name!r} (={type(given).__name__}) is no array of numbers; pass the state dict alone."
        ) from error
    theirs, wanted = tuple(value.shape), shape[::-1] if turned else shape
    if value.ndim == 4 and value.shape[1] == 1:
        value = value.squeeze(1)
    if tuple(value.shape) == wanted:
        return value.T.contiguous() if turned else value
    if len(shape) == 3 and theirs == (shape[0] * shape[1], shape[2]):
        raise InvalidArgument(
            f"state entry {name!r} has shape {theirs}, the flattened layout of older versions of SparseConvNet. "
            f"Spread it with .reshape{shape} first."
        )
    raise InvalidArgument(
        f"state entry {name!r} has shape {theirs}; this configuration needs {wanted}. Check dimensions, features, "
        f"classes, filters and depth."
    )


def _spelling(name: str, state: Mapping[str, Any]) -> str:
    """The name as the state spells it: newer versions write running_mean for runningMean."""
    newer = name.replace("runningMean", "running_mean").replace("runningVar", "running_var")
    for candidate in (name, newer):
        if candidate in state:
            return candidate
    raise InvalidArgument(f"state lacks {name!r}. {_hint(name, state)} Check depth, blocks and the prefixes.")


def _hint(name: str, state: Mapping[str, Any]) -> str:
    """The entry nearest in name, or the first of them."""
    near = get_close_matches(name, state, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    first = ", ".join(map(repr, list(state)[:3]))
    return f"It has {len(state)}, such as {first}." if first else "It has none."
