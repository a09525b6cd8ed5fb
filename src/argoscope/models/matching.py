"""What anchors and proposals are taught: which true box each stands for, and which of them count.

Anchors: positive are those whose overlap with a true box is large, and the best
of every true box; negative those that overlap little with all; the rest is
ignored. Proposals: foreground are those that overlap enough with a true box.
Of each a random sample is used, drawn with the generator that is handed in.

Detectron draws negative anchors with replacement and among positives of small
overlap too; here each is drawn once and no positive becomes negative.

References
----------
Ren et al., arXiv:1506.01497, section 3.1.2; Girshick, arXiv:1504.08083, section 2.3.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from argoscope.models.boxes import box_iou

__all__ = ["Matches", "match", "sample", "with_best"]


@dataclass(frozen=True)
class Matches:
    """The true box nearest to each of some boxes.

    Attributes
    ----------
    rows : Tensor of int64, shape (boxes,)
        Row of the true box with the largest overlap; 0 where there is none.
    overlap : Tensor, shape (boxes,)
        Their intersection over union; 0 where there is none.
    """

    rows: Tensor
    overlap: Tensor


def match(boxes: Tensor, truth: Tensor) -> tuple[Matches, Tensor]:
    """Match boxes with true ones.

    Parameters
    ----------
    boxes : Tensor, shape (n, 4)
    truth : Tensor, shape (k, 4)

    Returns
    -------
    matches : Matches
    best : Tensor of bool, shape (n,)
        The boxes that no other surpasses in overlap with some true box.

    Examples
    --------
    >>> boxes = torch.tensor([[0.0, 0.0, 9.0, 9.0], [0.0, 0.0, 9.0, 19.0], [50.0, 50.0, 59.0, 59.0]])
    >>> matches, best = match(boxes, torch.tensor([[0.0, 0.0, 9.0, 14.0]]))
    >>> matches.overlap, best.tolist()
    (tensor([0.6667, 0.7500, 0.0000]), [False, True, False])
    """
    if not len(truth):
        nothing = boxes.new_zeros(len(boxes))
        return Matches(nothing.long(), nothing), nothing.bool()
    overlaps = box_iou(boxes, truth)
    most = overlaps.amax(dim=0) if len(boxes) else boxes.new_zeros(len(truth))
    best = ((overlaps == most) & (most > 0)).any(dim=1)
    overlap, rows = overlaps.max(dim=1)
    return Matches(rows, overlap), best


def with_best(matches: Matches, best: Tensor, positive: float, negative: float) -> tuple[Tensor, Tensor]:
    """Rows of positive and of negative anchors.

    Parameters
    ----------
    matches : Matches
    best : Tensor of bool, shape (anchors,)
    positive : float
        Smallest overlap of a positive that is not the best of a true box.
    negative : float
        Overlap below which an anchor is negative.

    Returns
    -------
    positives, negatives : Tensor of int64
    """
    is_positive = best | (matches.overlap >= positive)
    is_negative = ~is_positive & (matches.overlap < negative)
    return is_positive.nonzero().squeeze(1), is_negative.nonzero().squeeze(1)


def sample(
    positives: Tensor, negatives: Tensor, *, count: int, fraction: float, generator: torch.Generator | None
) -> tuple[Tensor, Tensor]:
    """Draw from positives and negatives.

    Parameters
    ----------
    positives, negatives : Tensor of int64
        Rows to choose from.
    count : int
        How many to draw; negatives fill up what positives leave.
    fraction : float
        Largest part of them that is positive.
    generator : torch.Generator, optional
        Of the CPU; torch's own without.

    Returns
    -------
    positives, negatives : Tensor of int64
        In increasing order.

    Examples
    --------
    >>> few, many = sample(torch.arange(3), torch.arange(3, 99), count=8, fraction=0.25, generator=None)
    >>> len(few), len(many)
    (2, 6)
    """
    chosen = _drawn(positives, int(count * fraction), generator)
    return chosen, _drawn(negatives, count - len(chosen), generator)


def _drawn(rows: Tensor, count: int, generator: torch.Generator | None) -> Tensor:
    if len(rows) <= count:
        return rows
    places = torch.randperm(len(rows), generator=generator)[:count].to(rows.device)
    return rows[places].sort().values
