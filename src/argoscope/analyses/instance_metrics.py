"""Metrics of instances of one plane, from how true and predicted ones share its active pixels.

=====================  ================================================================
efficiency             of a true one: largest share of it that one prediction has
charge efficiency      the same, pixels weighted with their charge
purity                 of a predicted one: largest share of it that is of one true one
IoU                    of a pair: pixels in both over pixels in either
panoptic quality       sum of the IoU of matches / (matches + half of all without match)
duplicates             of a true one: predictions with IoU above 0.5, beyond the first
adjusted Rand index    of owners of pixels: pairs of pixels that are together in both
AP50                   area under precision against recall along falling score
=====================  ================================================================

A true and a predicted one match if their IoU is above 0.5; true ones share no
pixel, so no prediction matches two. Of several predictions of one true one the
match is that with the highest score; the others are mistakes. True ones with
fewer pixels than are counted are neither found nor missed, and predictions that
match them neither right nor wrong.

References
----------
Efficiency, purity: paper 1, arXiv:2201.05705, equations 4.1, 4.2; edge cases as in the authors' code. Panoptic quality: Kirillov
et al., arXiv:1801.00868, equation 1. Rand index: Hubert and Arabie, J. Classification 2 (1985) 193, equation 5. Precision is
made to fall along recall as in Everingham et al., IJCV 88 (2010) 303 (after 2009: all points).
"""

from __future__ import annotations

import numpy as np

from argoscope.analyses.instance_overlaps import Overlaps

__all__ = [
    "MATCH_IOU",
    "adjusted_rand_index",
    "average_precision",
    "charge_efficiencies",
    "duplicates",
    "efficiencies",
    "hits",
    "panoptic",
    "purities",
]

MATCH_IOU = 0.5
"""IoU above which a prediction matches a true instance (Kirillov et al., section 4.1)."""
IGNORED = -1
"""Of a prediction: neither right nor wrong."""


def efficiencies(overlaps: Overlaps) -> np.ndarray:
    """Efficiency of each true instance (equation 4.1), shape (t,); 0 without predictions.

    Examples
    --------
    >>> efficiencies(_example()).tolist()
    [0.5, 0.0]
    """
    return overlaps.shared.max(axis=1, initial=0) / np.maximum(overlaps.true_pixels, 1)


def charge_efficiencies(overlaps: Overlaps) -> np.ndarray:
    """The same with charge for pixels, shape (t,).

    Examples
    --------
    >>> charge_efficiencies(_example()).tolist()
    [0.75, 0.0]
    """
    charge = np.where(overlaps.true_charge > 0, overlaps.true_charge, 1.0)
    return np.asarray(overlaps.shared_charge.max(axis=1, initial=0) / charge)


def purities(overlaps: Overlaps) -> np.ndarray:
    """Purity of each predicted instance (equation 4.2), shape (m,); 0 for one without any active pixel.

    Examples
    --------
    >>> purities(_example()).tolist()
    [1.0, 0.0]
    """
    return overlaps.shared.max(axis=0, initial=0) / np.maximum(overlaps.said_pixels, 1)


def duplicates(overlaps: Overlaps) -> np.ndarray:
    """Predictions that match each true instance, beyond the first, shape (t,)."""
    return np.maximum((overlaps.iou > MATCH_IOU).sum(axis=1) - 1, 0)


def hits(overlaps: Overlaps, counted: np.ndarray) -> np.ndarray:
    """Whether each prediction is right.

    Parameters
    ----------
    overlaps : Overlaps
    counted : ndarray, shape (t,), bool
        True instances that count.

    Returns
    -------
    ndarray, shape (m,), int64
        1 for the match of a counted true instance, 0 for a mistake, -1 for the match of one that is not counted.
        Of predictions of equal score the one of larger IoU is the match.
    """
    iou = overlaps.iou
    truth, said = np.nonzero(iou > MATCH_IOU)
    order = np.lexsort((-iou[truth, said], -overlaps.scores[said], truth))
    truth, said = truth[order], said[order]
    first = np.ones(len(truth), dtype=bool)
    first[1:] = truth[1:] != truth[:-1]
    answer = np.zeros(len(overlaps.scores), dtype=np.int64)
    answer[said] = np.where(counted[truth], first, IGNORED)
    return answer


def panoptic(overlaps: Overlaps, counted: np.ndarray) -> tuple[float, float]:
    """Top and bottom of panoptic quality.

    Parameters
    ----------
    overlaps : Overlaps
    counted : ndarray, shape (t,), bool

    Returns
    -------
    top, bottom : float
        Sum of the IoU of matches; matches + (missed + mistakes) / 2. Both 0 where there is nothing to find or say.

    Examples
    --------
    >>> panoptic(_example(), np.array([True, True]))
    (0.0, 2.0)
    """
    right = hits(overlaps, counted)
    matches = int((right == 1).sum())
    top = float(overlaps.iou[counted][:, right == 1].max(axis=0, initial=0).sum())
    missed, wrong = int(counted.sum()) - matches, int((right == 0).sum())
    return top, matches + (missed + wrong) / 2


def adjusted_rand_index(table: np.ndarray) -> float:
    """Agreement of two partitions, 0 on average by chance and 1 if they are the same.

    Parameters
    ----------
    table : ndarray, shape (t, m), integer
        Pixels by the part of each partition that they are in.

    Returns
    -------
    float
        Not a number where the first has fewer than two parts, in which there is nothing to tell apart: however the
        second parted them the answer would be 0, or 1. 1 where both put all apart.

    Examples
    --------
    >>> adjusted_rand_index(np.array([[3, 0], [0, 2]])), round(adjusted_rand_index(np.array([[2, 1], [0, 2]])), 4)
    (1.0, 0.1667)
    """

    def pairs(counts: np.ndarray) -> float:
        exact = counts.astype(np.float64)
        return float((exact * (exact - 1) / 2).sum())

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    every = pairs(table.sum(keepdims=True))
    if np.count_nonzero(table.sum(axis=1)) < 2:
        return float("nan")
    chance, most = rows * columns / every, (rows + columns) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def average_precision(
    scores: np.ndarray, right: np.ndarray, weights: np.ndarray, truths: np.ndarray
) -> np.ndarray:
    """Area under precision against recall along falling score, for several weightings at once.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        Of the predictions.
    right : ndarray, shape (n,), integer
        Of `hits`.
    weights : ndarray, shape (samples, n)
        How often each prediction counts.
    truths : ndarray, shape (samples,)
        True instances there are to find.

    Returns
    -------
    ndarray, shape (samples,), float64
        Not a number where there is nothing to find. Predictions of equal score are added together.

    Examples
    --------
    >>> average_precision(np.array([0.9, 0.8, 0.7]), np.array([1, 0, 1]), np.ones((1, 3)), np.array([2]))
    array([0.83333333])
    """
    order = np.argsort(-scores, kind="stable")
    order = order[right[order] != IGNORED]
    ranked, weights = scores[order], weights[:, order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], len(ranked) > 0))
    found = np.cumsum(weights * (right[order] == 1), axis=1)[:, ends]
    said = np.cumsum(weights, axis=1)[:, ends]
    # The best precision at this recall or above.
    precision = np.maximum.accumulate((found / np.maximum(said, 1))[:, ::-1], axis=1)[:, ::-1]
    area = (np.diff(found, axis=1, prepend=0) * precision).sum(axis=1)
    return np.where(truths > 0, area / np.maximum(truths, 1), np.nan)


def _example() -> Overlaps:
    """One of two true instances is half found; the second prediction lies off the active pixels."""
    shared, charge = np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([[60.0, 0.0], [0.0, 0.0]])
    return Overlaps(
        shared, charge, np.array([4.0, 3.0]), np.array([80.0, 40.0]), np.array([2.0, 0.0]), np.ones(2)
    )
