"""The losses of the second stage of Mask R-CNN, with paper 1's weights.

    class   cross entropy, each proposal weighted by its true class; divided by the sum of these weights
    box     smooth L1 (beta 1) of the true class's deltas of foreground proposals; divided by the number of proposals
    mask    binary cross entropy on the true class's map of foreground proposals: the mean over the points of true
            masks plus the mean over the others, over all masks of the image (weights total / n_on and total / n_off,
            divided by the total)

Not settled: whether the authors divide the weighted cross entropy by the sum of
weights or by the number of proposals. It is torch's default that is taken.

References
----------
Girshick, arXiv:1504.08083, section 2.3; He et al., arXiv:1703.06870, section 3;
the weights: the code of paper 1.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["DELTA_WEIGHTS", "box_loss", "class_loss", "mask_loss"]

DELTA_WEIGHTS = (10.0, 10.0, 5.0, 5.0)
"""Of the second stage's deltas (Detectron, BBOX_REG_WEIGHTS)."""


def class_loss(scores: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Loss of the classes of proposals; 0 if no proposal has a weight.

    Parameters
    ----------
    scores : Tensor, shape (proposals, classes)
        Before softmax.
    labels : Tensor of int64, shape (proposals,)
        0 for background.
    weights : Tensor, shape (classes,)

    Examples
    --------
    >>> class_loss(torch.zeros(3, 2), torch.tensor([0, 1, 1]), torch.tensor([1.0, 36.0]))
    tensor(0.6931)
    """
    total = F.cross_entropy(scores, labels, weight=weights, reduction="sum")
    counted = weights[labels].sum()
    return total / torch.where(counted > 0, counted, 1)


def box_loss(deltas: Tensor, labels: Tensor, wanted: Tensor) -> Tensor:
    """Loss of the boxes of proposals.

    Parameters
    ----------
    deltas : Tensor, shape (proposals, classes, 4)
    labels : Tensor of int64, shape (proposals,)
    wanted : Tensor, shape (proposals, 4)
        Deltas to the true box, times `DELTA_WEIGHTS`; not read for background.

    Examples
    --------
    >>> deltas, wanted = torch.zeros(2, 3, 4), torch.tensor([[0.0, 2.0, 0.0, 0.0], [9.0, 9.0, 9.0, 9.0]])
    >>> box_loss(deltas, torch.tensor([1, 0]), wanted)
    tensor(0.7500)
    """
    rows = labels.nonzero().squeeze(1)
    off = F.smooth_l1_loss(deltas[rows, labels[rows]], wanted[rows], beta=1.0, reduction="sum")
    return off / max(1, len(labels))


def mask_loss(scores: Tensor, truth: Tensor) -> Tensor:
    """Loss of masks, points on and off weighing the same in all.

    Parameters
    ----------
    scores : Tensor, shape (masks, side, side)
        Before the sigmoid.
    truth : Tensor of bool, shape (masks, side, side)

    Examples
    --------
    >>> mask_loss(torch.zeros(1, 2, 2), torch.tensor([[[True, False], [False, False]]]))
    tensor(1.3863)
    """
    losses = F.binary_cross_entropy_with_logits(scores, truth.to(scores.dtype), reduction="none")
    on = truth.to(losses.dtype)
    numbers = on.sum(), (1 - on).sum()
    return (losses * on).sum() / numbers[0].clamp(min=1) + (losses * (1 - on)).sum() / numbers[1].clamp(min=1)
