"""Instances: sets of pixels of one plane, each with a class and a score; they may share pixels.

True interactions, what a network finds and what a clustering makes all have
this form, so that truth can stand in for a prediction and any of them can be
measured against any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events._frozen import equal_fields, read_only, refreeze
from argoscope.events.grid import Grid
from argoscope.events.labels import ANCESTOR, LabelScheme
from argoscope.events.products import Clusters

__all__ = ["Instances"]


@dataclass(frozen=True, eq=False)
class Instances:
    """Some sets of pixels with class and score.

    Parameters
    ----------
    clusters : Clusters
        The pixels. A value is how strongly an instance claims a pixel: its score times the probability that its
        mask gives the pixel, so that the strongest claim owns a pixel that several share.
    classes : ndarray, shape (k,), int32
        Class of each in the scheme.
    scores : ndarray, shape (k,), float32
        From 0 to 1; 1 for true ones.
    scheme : LabelScheme
        What the classes mean.

    Raises
    ------
    InvalidArgument
        If there is not one class and one score for each cluster, a class means nothing, or a score is no number
        from 0 to 1.

    Examples
    --------
    >>> found = Instances.of_sets(Grid((4, 5)), [[7, 12], [3]], classes=[1, 5], scores=[0.9, 0.3])
    >>> len(found), found.take(found.scores >= 0.4).clusters.ids.tolist()
    (2, [7, 12])
    """

    clusters: Clusters
    classes: np.ndarray
    scores: np.ndarray
    scheme: LabelScheme = ANCESTOR

    def __post_init__(self) -> None:
        scores = read_only(self.scores, np.float32)
        classes = read_only(self.scheme.require_valid(self.classes))
        for name, column in (("classes", classes), ("scores", scores)):
            if column.shape != (len(self.clusters),):
                raise InvalidArgument(
                    f"{name} (shape {column.shape}) must have one value for each of the {len(self.clusters)} instances"
                )
        # Negated, so that what is not a number is refused too.
        bad = ~((scores >= 0) & (scores <= 1))
        if bad.any():
            row = int(bad.argmax())
            raise InvalidArgument(f"scores must be from 0 to 1; instance {row} has {scores[row]}")
        object.__setattr__(self, "classes", classes)
        object.__setattr__(self, "scores", scores)

    def __len__(self) -> int:
        return len(self.clusters)

    __eq__ = equal_fields
    __setstate__ = refreeze
    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def of_sets(
        cls,
        grid: Grid,
        sets: Sequence[Sequence[int] | np.ndarray],
        classes: Sequence[int] | np.ndarray,
        scores: Sequence[float] | np.ndarray,
        *,
        probabilities: Sequence[np.ndarray] | None = None,
        scheme: LabelScheme = ANCESTOR,
    ) -> Instances:
        """Instances from lists of pixels, numbered from 0.

        Parameters
        ----------
        grid : Grid
        sets : sequence of array_like
            Pixel numbers of each instance, each once.
        classes, scores : array_like, shape (k,)
        probabilities : sequence of ndarray, optional
            What the mask gives each pixel; by default 1.
        scheme : LabelScheme
        """
        sizes = np.array([len(pixels) for pixels in sets], dtype=np.int64)
        claims = np.repeat(np.asarray(scores, dtype=np.float32), sizes)
        if probabilities is not None:
            claims = claims * np.concatenate([np.zeros(0), *probabilities])
        clusters = Clusters(
            grid,
            np.concatenate([np.zeros(0, np.int64), *(np.asarray(pixels, np.int64) for pixels in sets)]),
            claims,
            np.concatenate([[0], np.cumsum(sizes)]),
            np.arange(len(sizes)),
        )
        return cls(clusters, np.asarray(classes, np.int32), np.asarray(scores), scheme)

    def take(self, rows: np.ndarray) -> Instances:
        """Some of the instances, with the numbers that they have.

        Parameters
        ----------
        rows : ndarray, shape (k,), bool; or positions in the order wanted
        """
        rows = np.flatnonzero(rows) if np.asarray(rows).dtype == bool else np.asarray(rows, dtype=np.int64)
        old = self.clusters
        sizes = np.diff(old.offsets)[rows]
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        pixels = np.repeat(old.offsets[:-1][rows] - offsets[:-1], sizes) + np.arange(offsets[-1])
        clusters = replace(
            old, ids=old.ids[pixels], values=old.values[pixels], offsets=offsets, numbers=old.numbers[rows]
        )
        return replace(self, clusters=clusters, classes=self.classes[rows], scores=self.scores[rows])

    def of_class(self, name: str) -> Instances:
        """Those of one class."""
        return self.take(self.classes == self.scheme.index(name))
