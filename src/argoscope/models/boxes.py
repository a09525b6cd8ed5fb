"""Boxes around interactions: overlap, and the numbers a network says of them.

A box is (first wire, first time, last wire, last time): its lowest and highest
pixel along both axes of the image, both inside. So it is 1 pixel larger along
each axis than the difference of its ends, the "+1" of Detectron, paper 1's
framework. `inclusive=False` takes the ends as points of a plane instead, as
newer frameworks do. Boxes are tensors of shape (boxes, 4), in pixels.

How a box differs from an anchor or a proposal is said by four deltas:

    (centre - anchor's centre) / anchor's size        one number an axis
    log(size / anchor's size)                         one number an axis

each multiplied by a weight.

References
----------
Girshick et al., arXiv:1311.2524, appendix C: the deltas. Ren et al.,
arXiv:1506.01497, equation 2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from argoscope.errors import InvalidArgument

__all__ = ["box_iou", "box_sizes", "check_boxes", "clip", "decode", "encode", "enlarged", "inside"]

LARGEST_LOG_SIZE = math.log(1000 / 16)
"""Largest log(size / anchor's size) that is believed: an anchor of one cell becomes 1000 pixels (Detectron)."""

UNWEIGHTED = (1.0, 1.0, 1.0, 1.0)


def check_boxes(name: str, boxes: Tensor) -> None:
    """Refuse what is no boxes whose last pixel is not before the first.

    Raises
    ------
    InvalidArgument
        If the shape is not (boxes, 4) or an axis of a box runs backwards.

    Examples
    --------
    >>> check_boxes("boxes", torch.tensor([[0.0, 5.0, 3.0, 4.0]]))
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: boxes: row 0, [0.0, 5.0, 3.0, 4.0], ends before it begins; give (first wire, first time, last wire, last time)
    """
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise InvalidArgument(f"{name} have shape {tuple(boxes.shape)}; they must be (boxes, 4)")
    backwards = ~(boxes[:, 2:] >= boxes[:, :2]).all(dim=1)
    if backwards.any():
        row = int(backwards.nonzero()[0])
        raise InvalidArgument(
            f"{name}: row {row}, {boxes[row].tolist()}, ends before it begins; give (first wire, first time, last "
            "wire, last time)"
        )


def box_sizes(boxes: Tensor, *, inclusive: bool = True) -> Tensor:
    """Sizes along wire and time, in pixels; shape (boxes, 2).

    Examples
    --------
    >>> box_sizes(torch.tensor([[2.0, 3.0, 2.0, 7.0]])).tolist()
    [[1.0, 5.0]]
    """
    return boxes[:, 2:] - boxes[:, :2] + float(inclusive)


def box_iou(first: Tensor, second: Tensor, *, inclusive: bool = True) -> Tensor:
    """Intersection over union of every pair of boxes.

    Parameters
    ----------
    first : Tensor, shape (m, 4)
    second : Tensor, shape (n, 4)
    inclusive : bool
        Whether the last pixel belongs to a box.

    Returns
    -------
    Tensor, shape (m, n)
        From 0 to 1; 0 for two boxes without area.

    Examples
    --------
    Boxes of 3 x 4 pixels that share 2 x 4:

    >>> a, b = torch.tensor([[0.0, 0.0, 2.0, 3.0]]), torch.tensor([[1.0, 0.0, 3.0, 3.0]])
    >>> box_iou(a, b).tolist()
    [[0.5]]
    """
    shared = _shared_length(first, second, 0, inclusive) * _shared_length(first, second, 1, inclusive)
    areas = [box_sizes(boxes, inclusive=inclusive).prod(dim=1) for boxes in (first, second)]
    union = areas[0][:, None] + areas[1] - shared
    return shared / torch.where(union > 0, union, 1)


def _shared_length(first: Tensor, second: Tensor, axis: int, inclusive: bool) -> Tensor:
    """Pixels along an axis that every pair of boxes shares, shape (m, n)."""
    low = torch.maximum(first[:, None, axis], second[None, :, axis])
    high = torch.minimum(first[:, None, axis + 2], second[None, :, axis + 2])
    return (high - low + float(inclusive)).clamp(min=0)


def encode(boxes: Tensor, anchors: Tensor, weights: Sequence[float] = UNWEIGHTED) -> Tensor:
    """Deltas that turn anchors into boxes, row by row.

    Parameters
    ----------
    boxes, anchors : Tensor, shape (n, 4)
    weights : sequence of 4 numbers
        Multiplied to the deltas: wire and time of the centre, then of the size.

    Returns
    -------
    Tensor, shape (n, 4)

    Examples
    --------
    >>> anchor, box = torch.tensor([[0.0, 0.0, 9.0, 19.0]]), torch.tensor([[5.0, 0.0, 14.0, 19.0]])
    >>> encode(box, anchor, (10.0, 10.0, 5.0, 5.0)).tolist()
    [[5.0, 0.0, 0.0, 0.0]]
    """
    sizes, anchor_sizes = box_sizes(boxes), box_sizes(anchors)
    centres, anchor_centres = boxes[:, :2] + sizes / 2, anchors[:, :2] + anchor_sizes / 2
    deltas = torch.cat([(centres - anchor_centres) / anchor_sizes, torch.log(sizes / anchor_sizes)], dim=1)
    return deltas * deltas.new_tensor(weights)


def decode(deltas: Tensor, anchors: Tensor, weights: Sequence[float] = UNWEIGHTED) -> Tensor:
    """Boxes from anchors and deltas: `encode` undone.

    A size is at most 62.5 times the anchor's.

    Parameters
    ----------
    deltas : Tensor, shape (n, 4) or (n, classes, 4)
        With classes, each class has its own deltas.
    anchors : Tensor, shape (n, 4)
    weights : sequence of 4 numbers

    Returns
    -------
    Tensor, of the shape of `deltas`

    Examples
    --------
    >>> decode(torch.tensor([[0.5, 0.0, 0.0, 0.0]]), torch.tensor([[0.0, 0.0, 9.0, 19.0]])).tolist()
    [[5.0, 0.0, 14.0, 19.0]]
    """
    deltas = deltas / deltas.new_tensor(weights)
    sizes = box_sizes(anchors)
    centres = anchors[:, :2] + sizes / 2
    if deltas.ndim == 3:
        sizes, centres = sizes[:, None], centres[:, None]
    centres = centres + deltas[..., :2] * sizes
    sizes = sizes * deltas[..., 2:].clamp(max=LARGEST_LOG_SIZE).exp()
    return torch.cat([centres - sizes / 2, centres + sizes / 2 - 1], dim=-1)


def clip(boxes: Tensor, sides: Sequence[int]) -> Tensor:
    """Boxes cut at the borders of an image of `sides` pixels; shape that of `boxes`, (..., 4).

    Examples
    --------
    >>> clip(torch.tensor([[-3.0, 2.0, 8.0, 40.0]]), (6, 30)).tolist()
    [[0.0, 2.0, 5.0, 29.0]]
    """
    last = boxes.new_tensor([side - 1 for side in (*sides, *sides)])
    return torch.minimum(boxes.clamp(min=0), last)


def inside(boxes: Tensor, sides: Sequence[int], margin: float = 0.0) -> Tensor:
    """Which boxes stay within an image, up to `margin` pixels; shape (boxes,).

    Examples
    --------
    >>> inside(torch.tensor([[0.0, 0.0, 5.0, 29.0], [0.0, 0.0, 6.0, 29.0]]), (6, 30)).tolist()
    [True, False]
    """
    ends = boxes.new_tensor([*sides])
    return ((boxes[:, :2] >= -margin) & (boxes[:, 2:] < ends + margin)).all(dim=1)


def enlarged(boxes: Tensor, factor: float) -> Tensor:
    """Boxes whose ends are `factor` times as far from their centre; shape (boxes, 4).

    Examples
    --------
    >>> enlarged(torch.tensor([[10.0, 10.0, 30.0, 50.0]]), 1.5).tolist()
    [[5.0, 0.0, 35.0, 60.0]]
    """
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    reach = (boxes[:, 2:] - boxes[:, :2]) / 2 * factor
    return torch.cat([centres - reach, centres + reach], dim=1)
