"""Masks as sets of active pixels: what a mask head is taught, and what its answer says of each pixel.

A mask head works in the frame of a box, on `side` x `side` points. The box
covers its pixels from the first edge of the first to the last edge of the last;
point k stands at (k + 1/2) / side of that. Images are never filled: the true
mask is read in the box only, and an answer is read at the active pixels only.

The answer is spread as Detectron does: surrounded by one ring of zeros, the
box grown to hold it and rounded towards zero to whole pixels, linear in between.

Not settled: how the authors turn true pixels into a mask of 448 x 448 points.
Here a point takes the pixel it stands in.

References
----------
He et al., arXiv:1703.06870, section 3.1.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from argoscope.models.boxes import box_sizes, enlarged

__all__ = ["mask_target", "on_pixels"]


def mask_target(pixels: Tensor, box: Tensor, side: int) -> Tensor:
    """True mask in the frame of a box.

    Parameters
    ----------
    pixels : Tensor of int64, shape (pixels, 2)
        Wire and time of the pixels of the interaction.
    box : Tensor, shape (4,)
    side : int
        Points along each axis.

    Returns
    -------
    Tensor of bool, shape (side, side)

    Examples
    --------
    A diagonal of two pixels, in their box of 2 x 2:

    >>> mask_target(torch.tensor([[5, 7], [6, 8]]), torch.tensor([5.0, 7.0, 6.0, 8.0]), 2).tolist()
    [[True, False], [False, True]]
    """
    steps = (torch.arange(side, dtype=box.dtype, device=box.device) + 0.5) / side
    wires, times = (box[:2, None] + steps * box_sizes(box[None])[0][:, None]).floor().long()
    low = torch.stack([wires[0], times[0]])
    extent = torch.stack([wires[-1], times[-1]]) - low + 1
    held = pixels - low
    held = held[((held >= 0) & (held < extent)).all(dim=1)]
    crop = torch.zeros(*extent.tolist(), dtype=torch.bool, device=box.device)
    crop[held[:, 0], held[:, 1]] = True
    return crop[(wires - low[0])[:, None], times - low[1]]


def on_pixels(probabilities: Tensor, box: Tensor, pixels: Tensor, threshold: float) -> Tensor:
    """Probabilities of the pixels that belong to a mask.

    Parameters
    ----------
    probabilities : Tensor, shape (side, side)
        In the frame of the box.
    box : Tensor, shape (4,)
    pixels : Tensor of integers, shape (pixels, 2)
        Wire and time of the active pixels of the image.
    threshold : float
        Probability above which a pixel belongs to it.

    Returns
    -------
    Tensor, shape (pixels,)
        0 for pixels that do not belong to it.

    Examples
    --------
    >>> pixels = torch.tensor([[10, 20], [11, 21], [14, 20]])
    >>> on_pixels(torch.ones(28, 28), torch.tensor([10.0, 20.0, 13.0, 23.0]), pixels, 0.5).tolist()
    [1.0, 1.0, 0.0]
    """
    side = len(probabilities)
    ringed = side + 2
    grown = enlarged(box[None], ringed / side)[0].trunc()
    size = (grown[2:] - grown[:2] + 1).clamp(min=1)
    offset = pixels - grown[:2]
    rows = ((offset >= 0) & (offset < size)).all(dim=1).nonzero().squeeze(1)
    # Position of a pixel's centre among the points without the ring, then as `grid_sample` counts: from -1 to 1.
    position = (offset[rows] + 0.5) * (ringed / size) - 1.5
    grid = ((2 * position + 1) / side - 1).flip(1)[None, None].to(probabilities.dtype)
    read = F.grid_sample(probabilities[None, None], grid, padding_mode="zeros", align_corners=False).flatten()
    return probabilities.new_zeros(len(pixels)).index_put((rows,), torch.where(read > threshold, read, 0))
