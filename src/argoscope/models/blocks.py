"""Residual blocks of sparse networks, in the order normalization, ReLU, convolution.

    y = shortcut(x) + conv(relu(norm(conv(relu(norm(x))))))

`forward` is the definition and is what training uses. `infer_blocks` computes
the same in evaluation mode with one compiled pass for each convolution: what
follows a convolution (the addend, the folded normalization, ReLU) is done while
its rows are still in the cache. It reads the parameters only, so it is taken
only while the network is as it was built: `can_infer` compares it with the
`structure` noted then.

References
----------
He et al., ECCV 2016, arXiv:1603.05027, figure 1b.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from argoscope.sparse.backends.numba import convolve, supports
from argoscope.sparse.convolution import Backend
from argoscope.sparse.index import SiteIndex
from argoscope.sparse.modules import Linear, SubmanifoldConvolution
from argoscope.sparse.normalization import BatchNorm
from argoscope.sparse.tensor import SparseTensor

__all__ = ["Blocks", "ResidualBlock", "can_infer", "infer_blocks", "structure"]


class ResidualBlock(nn.Module):
    """Two submanifold convolutions of kernel 3, around which the input is added.

    Parameters
    ----------
    channels_in, channels_out : int
        Where they differ, the shortcut is a linear layer without bias.
    dimensions : int
    backend : {"auto", "numba", "torch", "reference"}
    """

    def __init__(
        self, channels_in: int, channels_out: int, *, dimensions: int, backend: Backend = "auto"
    ) -> None:
        super().__init__()
        self.shortcut = (
            None
            if channels_in == channels_out
            else Linear(channels_in, channels_out, bias=False, backend=backend)
        )
        self.norm1 = BatchNorm(channels_in, relu=True)
        self.conv1 = SubmanifoldConvolution(
            channels_in, channels_out, dimensions=dimensions, kernel=3, backend=backend
        )
        self.norm2 = BatchNorm(channels_out, relu=True)
        self.conv2 = SubmanifoldConvolution(
            channels_out, channels_out, dimensions=dimensions, kernel=3, backend=backend
        )

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Compute the block; the sites stay."""
        activated, x = self.norm1.branch(x)
        around = x if self.shortcut is None else self.shortcut(x)
        result: SparseTensor = self.conv2(self.norm2(self.conv1(activated)), around)
        return result


class Blocks(nn.ModuleList):
    """Residual blocks in sequence."""

    def __iter__(self) -> Iterator[ResidualBlock]:
        return super().__iter__()  # type: ignore[return-value]  # it holds nothing else

    @property
    def first_norm(self) -> BatchNorm:
        """The normalization that reads the input of the first block."""
        return next(iter(self)).norm1


def parts(network: nn.Module) -> list[nn.Module]:
    """The network and everything in it, in a fixed order."""
    found, waiting = [], [network]
    while waiting:
        module = waiting.pop()
        found.append(module)
        waiting.extend(inner for inner in module._modules.values() if inner is not None)
    return found


def structure(network: nn.Module) -> list[Any]:
    """What the fused pass takes for granted: types, places and settings of the modules, shapes of the parameters."""
    return _described(parts(network))


def _described(modules: list[nn.Module]) -> list[Any]:
    return [
        (
            type(module),
            *map(module.__dict__.get, ("kernel", "backend", "relu")),
            list(module._modules),
            [None if p is None else p.shape for p in module._parameters.values()],
        )
        for module in modules
    ]


def _plain(module: nn.Module, dtype: torch.dtype) -> bool:
    """Whether a module evaluates by its own `forward` alone, from numbers of `dtype` on the CPU."""
    own = module.__dict__
    if own["training"] or own["_forward_hooks"] or own["_forward_pre_hooks"] or "forward" in own:
        return False
    held = (*own["_parameters"].values(), *own["_buffers"].values())
    return all(t is None or (t.is_cpu and (t.dtype is dtype or not t.is_floating_point())) for t in held)


def can_infer(network: nn.Module, features: Tensor, built: list[Any]) -> bool:
    """Whether the fused pass computes the same as `forward` would.

    So it is in evaluation without gradients, on the CPU, if the network has
    the structure it was built with, no hooks, no part in training and one
    dtype, that of the features. Otherwise `forward` computes, or refuses.
    """
    hooked = nn.modules.module._has_any_global_hook()  # type: ignore[no-untyped-call]
    if torch.is_grad_enabled() or hooked or not supports(features):
        return False
    modules = parts(network)
    return all(_plain(module, features.dtype) for module in modules) and _described(modules) == built


def infer_blocks(
    blocks: Blocks,
    features: Tensor,
    activated: Tensor,
    index: SiteIndex,
    following: BatchNorm,
    *,
    keep: bool,
) -> tuple[Tensor, Tensor]:
    """Evaluate blocks in sequence.

    Parameters
    ----------
    blocks : Blocks
    features : Tensor, shape (sites, channels)
        Input of the first block.
    activated : Tensor, shape (sites, channels)
        The same after the first block's `norm1`.
    index : SiteIndex
    following : BatchNorm
        The normalization, with ReLU, that reads the result.
    keep : bool
        Whether the result is wanted before `following` too.

    Returns
    -------
    features, activated : Tensor, shape (sites, channels)
        Output of the last block, and the same after `following`; the same
        tensor if not `keep`.
    """
    kernel_map = index.neighbours(3)
    readers = [*(block.norm1 for block in list(blocks)[1:]), following]
    for number, (block, reader) in enumerate(zip(blocks, readers, strict=True)):
        around = features
        if block.shortcut is not None:
            around, _ = convolve(features, block.shortcut.weight.unsqueeze(0), index.pointwise())
        hidden, _ = convolve(
            activated, block.conv1.weight, kernel_map, affine=block.norm2.folded(), keep=False
        )
        needed = keep or number < len(blocks) - 1
        features, activated = convolve(
            hidden, block.conv2.weight, kernel_map, addend=around, affine=reader.folded(), keep=needed
        )
    return features, activated
