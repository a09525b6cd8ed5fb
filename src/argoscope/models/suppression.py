"""Non-maximum suppression: of objects that overlap much, the one with the highest score stays.

Greedy: objects are taken by decreasing score; one is dropped if its overlap
with one that stayed before reaches the threshold. The overlap is that of the
boxes, or of the masks on the active pixels: crossing tracks share their box but
hardly any pixel.

The greedy answer is the only one in which an object stays exactly if none that
stays and has a higher score overlaps it. It is found for blocks of objects by
repeating that rule until nothing changes: no loop over objects.

References
----------
Girshick et al., arXiv:1311.2524, section 2.2. Detectron's compiled function
drops at an overlap equal to the threshold; newer frameworks only above it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from argoscope.models.boxes import box_iou

__all__ = ["mask_iou", "mask_nms", "nms"]

BLOCK = 512
"""Objects that are compared at once; it bounds the memory (1 MB of overlaps) and changes no result."""

Overlaps = Callable[[Tensor, Tensor], Tensor]
"""Whether each of some rows suppresses each of others, shape (m, n), from the two tensors of row numbers."""


def nms(
    boxes: Tensor, scores: Tensor, threshold: float, *, groups: Tensor | None = None, most: int | None = None
) -> Tensor:
    """Rows of the boxes that stay, by decreasing score.

    Parameters
    ----------
    boxes : Tensor, shape (n, 4)
    scores : Tensor, shape (n,)
        Of equal scores the first row comes first.
    threshold : float
        Intersection over union, with the last pixels inside, from which a box is dropped.
    groups : Tensor of integers, shape (n,), optional
        Boxes of different groups do not suppress each other: classes, or images.
    most : int, optional
        Stop at so many.

    Returns
    -------
    Tensor of int64, shape (kept,)

    Examples
    --------
    >>> boxes = torch.tensor([[0.0, 0.0, 9.0, 9.0], [0.0, 0.0, 9.0, 8.0], [0.0, 5.0, 9.0, 14.0]])
    >>> nms(boxes, torch.tensor([0.5, 0.9, 0.1]), 0.5).tolist()
    [1, 2]
    """

    def suppresses(first: Tensor, second: Tensor) -> Tensor:
        over = box_iou(boxes[first], boxes[second]) >= threshold
        return over if groups is None else over & (groups[first][:, None] == groups[second])

    return _greedy(scores, suppresses, most)


def mask_iou(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union of every pair of masks, in pixels; 0 for two empty ones.

    Parameters
    ----------
    first : Tensor of bool, shape (m, pixels)
    second : Tensor of bool, shape (n, pixels)
        On the same pixels, such as the active ones of an event.

    Returns
    -------
    Tensor of float32, shape (m, n)

    Examples
    --------
    >>> mask_iou(torch.tensor([[True, True, False]]), torch.tensor([[False, True, True]]))
    tensor([[0.3333]])
    """
    one, two = first.float(), second.float()  # counts up to 2**24 pixels are exact
    shared = one @ two.T
    union = one.sum(dim=1)[:, None] + two.sum(dim=1) - shared
    return shared / union.clamp(min=1)


def mask_nms(masks: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """Rows of the masks that stay, by decreasing score.

    Parameters
    ----------
    masks : Tensor of bool, shape (n, pixels)
    scores : Tensor, shape (n,)
    threshold : float
        Intersection over union from which a mask is dropped.

    Returns
    -------
    Tensor of int64, shape (kept,)

    Examples
    --------
    >>> masks = torch.tensor([[True, True, False], [True, True, True], [False, False, True]])
    >>> mask_nms(masks, torch.tensor([0.9, 0.8, 0.7]), 0.5).tolist()
    [0, 2]
    """
    return _greedy(scores, lambda first, second: mask_iou(masks[first], masks[second]) >= threshold, None)


def _greedy(scores: Tensor, suppresses: Overlaps, most: int | None) -> Tensor:
    """Rows that stay, by decreasing score."""
    order = scores.argsort(descending=True, stable=True)
    kept = order[:0]
    for first in range(0, len(order), BLOCK):
        block = order[first : first + BLOCK]
        free = block[~suppresses(kept, block).any(dim=0)]
        kept = torch.cat([kept, free[_settled(suppresses(free, free).triu(diagonal=1))]])
        if most is not None and len(kept) >= most:
            return kept[:most]
    return kept


def _settled(suppresses: Tensor) -> Tensor:
    """Which of n rows stay, shape (n,), where row i may suppress j > i only."""
    stays = torch.ones(len(suppresses), dtype=torch.bool, device=suppresses.device)
    while True:
        again = ~(suppresses & stays[:, None]).any(dim=0)
        if torch.equal(again, stays):
            return stays
        stays = again
