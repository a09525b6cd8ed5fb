"""CPU backend: compiled kernels on the memory of torch tensors, float32 and float64.

Results are the same bit for bit for any number of threads, in every run, and
for an event whatever else the batch holds. The number of threads is torch's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from argoscope.sparse.backends import kernels
from argoscope.sparse.backends.registers import VECTOR_BYTES
from argoscope.sparse.backends.workers import run_tasks, threads
from argoscope.sparse.index import KernelMap

__all__ = ["array", "convolve", "supports", "transposed", "weight_gradient"]


def supports(features: Tensor) -> bool:
    """Whether the kernels can read this tensor."""
    return features.is_cpu and features.dtype in (torch.float32, torch.float64)


def array(tensor: Tensor | None, like: Tensor) -> NDArray[Any]:
    """The memory of a tensor as a contiguous array; an empty row stands for none."""
    if tensor is None:
        return np.empty(0, np.float32 if like.dtype == torch.float32 else np.float64)
    return tensor.detach().contiguous().numpy()


def matrix(tensor: Tensor | None, like: Tensor) -> NDArray[Any]:
    """The memory of a matrix; one without rows stands for none."""
    return array(like.new_empty(0, 0) if tensor is None else tensor, like)


def _small(features: Tensor, width: int, kernel_map: KernelMap) -> bool:
    """Whether one thread does the work sooner than a sleeping one wakes: some 20 microseconds."""
    return len(kernel_map.pairs[1]) * features.shape[1] * width < 1_000_000


def convolve(
    features: Tensor,
    weight: Tensor,
    kernel_map: KernelMap,
    *,
    bias: Tensor | None = None,
    addend: Tensor | None = None,
    affine: tuple[Tensor, Tensor] | None = None,
    keep: bool = True,
) -> tuple[Tensor, Tensor]:
    """Convolve, add, normalize and rectify in one pass.

    Parameters
    ----------
    features : Tensor, shape (input rows, channels in)
    weight : Tensor, shape (offsets, channels in, channels out)
    kernel_map : KernelMap
    bias : Tensor, shape (channels out,), optional
    addend : Tensor, shape (output rows, channels out), optional
        Added to the result before anything else happens to it.
    affine : pair of Tensor, shape (channels out,), optional
        Scale and shift of a folded batch normalization, which ReLU follows.
    keep : bool
        Whether the result before `affine` is wanted too.

    Returns
    -------
    out, activated : Tensor, shape (output rows, channels out)
        The result, and max(0, result * scale + shift); the same tensor
        if `affine` is not given or `keep` is false.
    """
    width = weight.shape[2]
    missing = -width % (VECTOR_BYTES // features.element_size())
    if missing:

        def widened(tensor: Tensor | None) -> Tensor | None:
            return None if tensor is None else pad(tensor, (0, missing))

        scales = None if affine is None else (pad(affine[0], (0, missing)), pad(affine[1], (0, missing)))
        results = convolve(
            features,
            pad(weight, (0, missing)),
            kernel_map,
            bias=widened(bias),
            addend=widened(addend),
            affine=scales,
            keep=keep,
        )
        return results[0][:, :width].contiguous(), results[1][:, :width].contiguous()
    out = features.new_empty(kernel_map.outputs, width)
    activated = torch.empty_like(out) if keep and affine is not None else out
    scale, shift = affine if affine is not None else (None, None)
    arguments = (
        array(features, out), array(weight, out).reshape(-1, width), kernel_map.tiles, *kernel_map.pairs,
        array(bias, out), matrix(addend, out), array(scale, out), array(shift, out), out.numpy(), activated.numpy(),
    )  # fmt: skip
    run_tasks(
        kernels.convolve, len(kernel_map.tiles) - 1, *arguments, alone=_small(features, width, kernel_map)
    )
    return out, activated


def transposed(weight: Tensor, *, mirrored: bool) -> Tensor:
    """Weight of the transposed convolution, shape (offsets, channels out, channels in).

    `mirrored` turns the order of the offsets round.
    """
    out = weight.new_empty(weight.shape[0], weight.shape[2], weight.shape[1])
    arguments = (array(weight, out), mirrored, out.numpy())
    run_tasks(kernels.transpose_blocks, len(weight), *arguments, alone=out.numel() < 50_000)
    return out


def weight_gradient(features: Tensor, gradient: Tensor, kernel_map: KernelMap) -> Tensor:
    """Gradient of a convolution's weight.

    Parameters
    ----------
    features : Tensor, shape (input rows, channels in)
    gradient : Tensor, shape (output rows, channels out)
    kernel_map : KernelMap

    Returns
    -------
    Tensor, shape (offsets, channels in, channels out)
    """
    depth, width = features.shape[1], gradient.shape[1]
    missing = -width % (VECTOR_BYTES // features.element_size())
    if missing:
        wide = pad(gradient, (0, missing))
        return weight_gradient(features, wide, kernel_map)[:, :, :width].contiguous()
    # numpy takes zeroed pages from the system where torch would write them.
    kind = np.float32 if features.dtype == torch.float32 else np.float64
    out = torch.from_numpy(np.zeros((kernel_map.offsets * depth, width), kind))
    starts, sites, rows = kernel_map.pairs
    arguments = (
        array(features, out),
        array(gradient, out),
        starts,
        sites,
        rows,
        kernel_map.offsets,
        out.numpy(),
    )
    panels = -(-width // (2 * VECTOR_BYTES // features.element_size()))
    groups = min(panels, -(-4 * threads() // kernel_map.offsets))
    alone = _small(features, width, kernel_map)
    run_tasks(kernels.weight_gradient, kernel_map.offsets * groups, *arguments, alone=alone)
    return out.view(kernel_map.offsets, depth, width)
