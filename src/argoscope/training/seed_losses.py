"""What the answers of seeds cost: masks, their quality, the embedding.

The mask of a seed costs, averaged over the pixels that are looked at,

    focal   (1 - p_t)^2 times cross entropy, p_t the probability of what is true of the pixel, times 20
    Dice    1 - (2 sum p t + 1) / (sum p + sum t + 1)

its quality the cross entropy with the overlap that its mask has, and the
embedding, while it is new, what keeps objects together and apart:

    pull    square of what a pixel's distance from the mean of its object exceeds 0.5
    push    square of what the distance of two means falls short of 3

References
----------
Focal: Lin et al., arXiv:1708.02002, equation 4; 20 to 1: Kirillov et al., arXiv:2304.02643, section A. Dice: Milletari et al.,
arXiv:1606.04797, equation 3 with linear sums. Embedding: De Brabandere, Neven & Van Gool, arXiv:1708.02551, equations 1-3.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

__all__ = ["embedding_loss", "mask_losses", "soft_overlaps"]

FOCAL_WEIGHT = 20.0
FOCAL_GAMMA = 2.0
NEAR, FAR = 0.5, 3.0
"""Distances in the embedding: delta_v, and 2 delta_d of the reference (0.5 and 1.5)."""


def mask_losses(logits: Tensor, truth: Tensor) -> Tensor:
    """Focal and Dice loss of each mask.

    Parameters
    ----------
    logits : Tensor, shape (s, n)
        Mask scores of the pixels.
    truth : Tensor, shape (s, n)
        1 where the pixel is of the seed's object, else 0.

    Returns
    -------
    Tensor, shape (s,)

    Examples
    --------
    A mask that is sure and right costs nothing:

    >>> mask_losses(torch.tensor([[30.0, -30.0]]), torch.tensor([[1.0, 0.0]])).round(decimals=3)
    tensor([0.])
    """
    likely = logits.sigmoid()
    entropy = binary_cross_entropy_with_logits(logits, truth, reduction="none")
    missed = truth + likely - 2 * truth * likely
    focal = (entropy * missed**FOCAL_GAMMA).mean(dim=1)
    shared, sizes = (likely * truth).sum(dim=1), likely.sum(dim=1) + truth.sum(dim=1)
    return FOCAL_WEIGHT * focal + 1 - (2 * shared + 1) / (sizes + 1)


def soft_overlaps(logits: Tensor, truth: Tensor) -> Tensor:
    """Intersection over union of masks and truth, with probabilities for pixels; shape (s,), no gradient.

    Examples
    --------
    >>> soft_overlaps(torch.tensor([[30.0, 30.0]]), torch.tensor([[1.0, 0.0]]))
    tensor([0.5000])
    """
    likely = logits.detach().sigmoid()
    shared = (likely * truth).sum(dim=1)
    union = likely.sum(dim=1) + truth.sum(dim=1) - shared
    return shared / union.clamp(min=1)


def embedding_loss(embedding: Tensor, member: Tensor, instances: int) -> Tensor:
    """What keeps the pixels of an object together and the objects apart; a scalar.

    Parameters
    ----------
    embedding : Tensor, shape (n, e)
    member : Tensor, shape (n,), int64
        Object of each pixel; -1 for none, which does not count.
    instances : int

    Examples
    --------
    >>> embedding_loss(torch.tensor([[0.0], [5.0]]), torch.tensor([0, 1]), 2)
    tensor(0.)
    """
    inside = member >= 0
    rows, owner = embedding[inside], member[inside]
    ones = rows.new_zeros(instances).index_add(0, owner, rows.new_ones(len(rows)))
    there = ones > 0
    means = rows.new_zeros(instances, rows.shape[1]).index_add(0, owner, rows) / ones.clamp(min=1)[:, None]
    far = ((rows - means.index_select(0, owner)).norm(dim=1) - NEAR).relu() ** 2
    pull = (rows.new_zeros(instances).index_add(0, owner, far) / ones.clamp(min=1))[there].sum()
    means = means[there]
    count = len(means)
    first, second = torch.triu_indices(count, count, offset=1)
    near = (FAR - (means[first] - means[second]).norm(dim=1)).relu() ** 2
    return pull / max(count, 1) + near.sum() / max(len(first), 1)
