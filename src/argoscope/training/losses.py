"""Losses of pixel classes: what a pixel costs, and how pixels add up.

A pixel costs its cross entropy, -log p of the true class; the focal loss takes
(1 - p)^gamma times that. Pixels add up in one of five ways, w their weights:

=============  ===========================================================================
event-sum      sum over images of (sum w l / labelled pixels of the image); papers 4
event-mean     the same divided by the number of images in the batch
image-mean     sum w l, divided by the number of images in the batch; paper 2
pixel-sum      sum w l; paper 3. The step grows with the number of pixels
pixel-mean     sum w l / sum w over the whole batch; paper 0
=============  ===========================================================================

The divisor is that of the joint batch, over all processes and all parts of an
accumulated step, so that neither changes the gradient.

References
----------
Paper 4: arXiv:1903.05663, section III. Paper 3: arXiv:2012.08513. Paper 0:
arXiv:2012.01301. Paper 2: arXiv:1808.07269, section IV B. Focal loss: Lin et al., arXiv:1708.02002, equation 4.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["Reduction", "divisor", "pixel_losses", "reduced"]

Reduction = Literal["event-sum", "event-mean", "image-mean", "pixel-sum", "pixel-mean"]
"""How pixels add up."""


def pixel_losses(scores: Tensor, labels: Tensor, gamma: float = 0.0) -> Tensor:
    """Loss of every pixel.

    Parameters
    ----------
    scores : Tensor, shape (n, classes)
        Before softmax.
    labels : Tensor, shape (n,), int64
        True classes.
    gamma : float
        Exponent of the focal loss; 0 is cross entropy.

    Returns
    -------
    Tensor, shape (n,)
        float32, or float64 for float64 scores.

    Examples
    --------
    >>> pixel_losses(torch.zeros(1, 2), torch.tensor([0]), gamma=2.0)
    tensor([0.1733])
    """
    scores = scores if scores.dtype == torch.float64 else scores.float()
    entropy = F.cross_entropy(scores, labels, reduction="none")
    if not gamma:
        return entropy
    # The smallest number in place of 0, where a power below 1 has no slope.
    missed = -torch.expm1(-entropy)
    return entropy * missed.clamp(min=torch.finfo(missed.dtype).tiny) ** gamma


def reduced(losses: Tensor, weights: Tensor, images: Tensor, count: int, reduction: Reduction) -> Tensor:
    """Add up the losses of pixels, before the division by `divisor`.

    Parameters
    ----------
    losses, weights : Tensor, shape (n,)
        Of labelled pixels; a weight of 0 leaves a pixel out of its image's number of pixels.
    images : Tensor, shape (n,), int64
        Image of each pixel.
    count : int
        Number of images.
    reduction : Reduction

    Returns
    -------
    Tensor, scalar
    """
    weighted = losses * weights
    if reduction in {"image-mean", "pixel-sum", "pixel-mean"}:
        return weighted.sum()
    counted = (weights != 0).to(weighted.dtype)
    pixels = torch.zeros(count, dtype=weighted.dtype, device=weighted.device).index_add(0, images, counted)
    return (weighted / pixels.clamp(min=1)[images]).sum()


def divisor(weights: Tensor, count: int, reduction: Reduction) -> float:
    """What the sum of the joint batch is divided by: additive over its parts.

    Parameters
    ----------
    weights : Tensor, shape (n,)
    count : int
        Number of images.
    reduction : Reduction

    Returns
    -------
    float
        0 where the divisor is 1 whatever the batch holds.
    """
    if reduction in {"event-mean", "image-mean"}:
        return float(count)
    return float(weights.double().sum()) if reduction == "pixel-mean" else 0.0
