"""Metrics of instances as one would do them by hand, with sets of pixels and loops: what the fast ones must equal."""

from __future__ import annotations

from itertools import combinations

import numpy as np


class Plane:
    """Active pixels with charge; true and predicted sets, all as plain Python.

    `charge` is a dict from pixel to charge; `truth` and `said` are lists of sets; `scores` of floats.
    """

    def __init__(self, charge, truth, said, scores):
        self.charge = {pixel: value for pixel, value in charge.items() if value >= 10}
        self.truth = [set(pixels) & set(self.charge) for pixels in truth]
        self.said = [set(pixels) & set(self.charge) for pixels in said]
        self.scores = list(scores)

    def efficiencies(self):
        return [max((len(t & m) / len(t) for m in self.said), default=0.0) for t in self.truth]

    def charge_efficiencies(self):
        def total(pixels):
            return sum(self.charge[pixel] for pixel in pixels)

        return [max((total(t & m) / total(t) for m in self.said), default=0.0) for t in self.truth]

    def purities(self):
        return [max((len(m & t) / len(m) for t in self.truth), default=0.0) if m else 0.0 for m in self.said]

    def iou(self, t, m):
        union = self.truth[t] | self.said[m]
        return len(self.truth[t] & self.said[m]) / len(union) if union else 0.0

    def matches(self):
        """Predictions of each true instance with IoU above 0.5, the highest score first."""
        found = []
        for t in range(len(self.truth)):
            mine = [m for m in range(len(self.said)) if self.iou(t, m) > 0.5]
            found.append(sorted(mine, key=lambda m: (-self.scores[m], -self.iou(t, m))))
        return found

    def duplicates(self):
        return [max(len(mine) - 1, 0) for mine in self.matches()]

    def hits(self, least=1):
        answer = [0] * len(self.said)
        for t, mine in enumerate(self.matches()):
            for rank, m in enumerate(mine):
                answer[m] = -1 if len(self.truth[t]) < least else int(rank == 0)
        return answer

    def panoptic_quality(self, least=1):
        counted = [t for t in range(len(self.truth)) if len(self.truth[t]) >= least]
        matched = [(t, self.matches()[t][0]) for t in counted if self.matches()[t]]
        wrong = self.hits(least).count(0)
        missed = len(counted) - len(matched)
        bottom = len(matched) + wrong / 2 + missed / 2
        return sum(self.iou(t, m) for t, m in matched) / bottom if bottom else float("nan")

    def adjusted_rand_index(self):
        """Over all pairs of pixels that are of a true instance; sets of `truth` must not share pixels."""
        true, found = {}, {}
        for t, pixels in enumerate(self.truth):
            true.update(dict.fromkeys(pixels, t))
        for m in sorted(range(len(self.said)), key=lambda m: self.scores[m]):
            found.update(dict.fromkeys(self.said[m], m))
        pairs = list(combinations(sorted(true), 2))
        if len(set(true.values())) < 2:
            return float("nan")
        together = np.array([[true[a] == true[b], found.get(a) == found.get(b)] for a, b in pairs])
        both, one, other = together.all(axis=1).sum(), together[:, 0].sum(), together[:, 1].sum()
        chance, most = one * other / len(pairs), (one + other) / 2
        return 1.0 if most == chance else (both - chance) / (most - chance)


def average_precision(scores, right, truths):
    """Area under the best precision at each recall or above; `right` of 1, 0 or -1 (left out)."""
    if not truths:
        return float("nan")
    points = []
    for cut in sorted(set(scores), reverse=True):
        mine = [r for s, r in zip(scores, right, strict=True) if s >= cut and r >= 0]
        if mine:
            points.append((mine.count(1) / truths, mine.count(1) / len(mine)))
    area, before = 0.0, 0.0
    for number, (recall, _) in enumerate(points):
        best = max(precision for _, precision in points[number:])
        area += (recall - before) * best
        before = recall
    return area
