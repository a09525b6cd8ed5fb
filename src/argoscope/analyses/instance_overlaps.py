"""How true and predicted instances of a plane share its active pixels: all that their metrics need.

With T the pixels of a true instance, M those of a predicted one and W the
active pixels, all sums over T W M are one product of two sparse matrices
(instances by pixels). Instances may share pixels, true ones too.

References
----------
Paper 1: arXiv:2201.05705, equations 4.1 and 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, diags_array

from argoscope.errors import InvalidArgument
from argoscope.events import Image
from argoscope.events.grid import rows_in
from argoscope.events.instances import Instances
from argoscope.files.layouts import largest_share

__all__ = ["Overlaps", "contingency", "overlaps_of"]


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Shared pixels of each true with each predicted instance.

    Parameters
    ----------
    shared, shared_charge : ndarray, shape (t, m), float64
        Active pixels in both, and the charge in them.
    true_pixels, true_charge : ndarray, shape (t,), float64
        Active pixels of the true ones, and their charge.
    said_pixels : ndarray, shape (m,), float64
        Active pixels of the predicted ones.
    scores : ndarray, shape (m,), float32
        Of the predicted ones.
    """

    shared: np.ndarray
    shared_charge: np.ndarray
    true_pixels: np.ndarray
    true_charge: np.ndarray
    said_pixels: np.ndarray
    scores: np.ndarray

    @property
    def iou(self) -> np.ndarray:
        """Intersection over union on active pixels, shape (t, m); 0 where both are empty."""
        union = self.true_pixels[:, None] + self.said_pixels - self.shared
        return self.shared / np.maximum(union, 1)

    def between(self, truth: np.ndarray, said: np.ndarray) -> Overlaps:
        """Of some of the true with some of the predicted instances, bool of shape (t,) and (m,)."""
        return Overlaps(
            self.shared[np.ix_(truth, said)],
            self.shared_charge[np.ix_(truth, said)],
            self.true_pixels[truth],
            self.true_charge[truth],
            self.said_pixels[said],
            self.scores[said],
        )


def overlaps_of(active: Image, truth: Instances, said: Instances) -> Overlaps:
    """Count what instances share.

    Parameters
    ----------
    active : Image
        The active pixels alone.
    truth, said : Instances
        Of the same plane; their other pixels do not count.

    Returns
    -------
    Overlaps

    Raises
    ------
    InvalidArgument
        If they are of images of other shapes, or an instance lists a pixel twice.

    Examples
    --------
    >>> from argoscope.events import Grid
    >>> plane = Image.from_points(Grid((4, 4)), np.array([[0, 0], [0, 1], [2, 3]]), np.array([10.0, 20.0, 30.0]))
    >>> truth = Instances.of_sets(plane.grid, [[0, 1]], [1], [1.0])
    >>> said = Instances.of_sets(plane.grid, [[1, 11, 12]], [1], [0.8])
    >>> found = overlaps_of(plane, truth, said)
    >>> found.shared.tolist(), found.shared_charge.tolist(), found.said_pixels.tolist()
    ([[1.0]], [[20.0]], [2.0])
    """
    true, found = _on_pixels(active, truth), _on_pixels(active, said)
    charge = active.charge.astype(np.float64)
    return Overlaps(
        shared=(true @ found.T).toarray(),
        shared_charge=(true @ diags_array(charge) @ found.T).toarray(),
        true_pixels=true @ np.ones(len(active)),
        true_charge=true @ charge,
        said_pixels=found @ np.ones(len(active)),
        scores=said.scores,
    )


def contingency(active: Image, truth: Instances, said: Instances) -> np.ndarray:
    """Pixels of each true instance by the predicted one that owns them: what the Rand index compares.

    A pixel that several claim belongs to the strongest claim. Pixels of no true instance are not counted.

    Parameters
    ----------
    active : Image
        The active pixels alone.
    truth, said : Instances

    Returns
    -------
    ndarray, shape (t, m + 1), int64
        The last column has the pixels that no predicted instance claims.
    """
    true, found = _owners(active, truth), _owners(active, said)
    here = true >= 0
    columns = len(said) + 1
    # An owner of -1 is the last column.
    cells = true[here] * columns + found[here] % columns
    return np.bincount(cells, minlength=len(truth) * columns).reshape(len(truth), columns)


def _on_pixels(active: Image, instances: Instances) -> csr_array:
    """Which instance has which active pixel, shape (instances, pixels), float64."""
    clusters = instances.clusters
    if clusters.grid.shape != active.grid.shape:
        raise InvalidArgument(
            f"instances lie in an image of {clusters.grid.shape} pixels and the charge in one of {active.grid.shape}: "
            "they must be of one plane"
        )
    rows = rows_in(active.ids, clusters.ids)
    here = rows >= 0
    owner = clusters.cluster_of_row[here]
    found = csr_array((np.ones(int(here.sum())), (owner, rows[here])), shape=(len(instances), len(active)))
    if found.nnz and found.data.max() > 1:
        twice = found.tocoo()
        number = int(twice.row[int((twice.data > 1).argmax())])
        raise InvalidArgument(f"instance {number} lists a pixel twice: each pixel stands once in a set")
    return found


def _owners(active: Image, instances: Instances) -> np.ndarray:
    """Position of the instance that owns each active pixel, shape (n,), int64; -1 for none."""
    by_position = replace(instances.clusters, numbers=np.arange(len(instances)))
    return largest_share(active, by_position).astype(np.int64)
