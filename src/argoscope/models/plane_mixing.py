"""Mixing of the planes of an event along their common axis, the drift.

The wires of different planes cross, so a point of the event lies on unrelated
wires of each, but it drifts the same time to all. Sites of one plane and one
drift bin are summarized by mean and maximum over the wires; every site then
reads the summary of its own plane and that of the other planes in its bin:

    h = norm, ReLU of x
    s = mean and maximum of h over the wires of a plane and bin
    o = sum of s over the other planes of the event, 0 where they have no site
    y = x + out(norm, ReLU of (site(h) + own(s) + others(o)))

with linear layers site, own, others, out, shared by the planes. The sum knows
no order of the other planes, so exchanging two planes exchanges the answers.

References
----------
Paper 0, arXiv:2012.01301, section 6, joins the planes at the deepest level by
concatenating dense images, pixel by pixel; its images share the drift axis too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from argoscope.sparse import BatchNorm, Linear, SiteIndex, SparseTensor
from argoscope.sparse.convolution import Backend

__all__ = ["DRIFT_AXIS", "DriftBins", "PlaneMixing"]

DRIFT_AXIS = 1
"""Axis of wire images that the planes share; axis 0 is the wire."""


@dataclass(frozen=True, eq=False)
class DriftBins:
    """The drift bins in which each image of a batch has sites.

    Attributes
    ----------
    index : SiteIndex
        One site for each image and bin; an image of 1 wire.
    order : Tensor of int64, shape (sites,)
        The sites of the image, sorted by image and bin.
    sizes : Tensor of int64, shape (bins,)
        Sites of each bin, none empty.
    bin_of : Tensor of int64, shape (sites,)
        Bin of each site.
    """

    index: SiteIndex
    order: Tensor
    sizes: Tensor
    bin_of: Tensor

    @classmethod
    def of(cls, index: SiteIndex, device: torch.device | str = "cpu") -> DriftBins:
        """Find the bins of the sites of wire images.

        Examples
        --------
        Three sites in two drift bins:

        >>> index = SiteIndex.from_coordinates([[0, 1, 4], [0, 2, 0], [0, 3, 4]], shape=(4, 5))
        >>> bins = DriftBins.of(index)
        >>> bins.index.coordinates.tolist(), bins.sizes.tolist(), bins.bin_of.tolist()
        ([[0, 0], [0, 4]], [1, 2], [1, 0, 1])
        """
        side = index.shape[DRIFT_AXIS]
        keys = index.events * side + index.coordinates[:, DRIFT_AXIS]
        found, bin_of, sizes = np.unique(keys, return_inverse=True, return_counts=True)
        image, drift = np.divmod(found, side)
        rows = np.column_stack([image, np.zeros_like(image), drift])
        bins = SiteIndex.from_coordinates(rows, shape=(1, side), batch_size=index.batch_size)
        order = np.argsort(keys, kind="stable")
        return cls(bins, *(torch.from_numpy(a).to(device) for a in (order, sizes, bin_of)))

    def summarized(self, features: Tensor) -> Tensor:
        """Mean, then maximum, of the sites of each bin; shape (bins, 2 channels)."""
        if not len(features):
            return torch.cat([features, features], dim=1)
        ordered = features.index_select(0, self.order)
        return torch.cat(
            [torch.segment_reduce(ordered, kind, lengths=self.sizes) for kind in ("mean", "max")], dim=1
        )

    def of_others(self, summaries: Tensor, planes: int) -> Tensor:
        """Sum of the summaries of the other planes of the event in each bin; shape as `summaries`."""
        images, side = self.index.batch_size, self.index.shape[DRIFT_AXIS]
        places = torch.from_numpy(self.index.events * side + self.index.coordinates[:, DRIFT_AXIS])
        places = places.to(summaries.device)
        lattice = summaries.new_zeros(images * side, summaries.shape[1])
        lattice = lattice.index_copy(0, places, summaries).reshape(-1, planes, side, summaries.shape[1])
        others = torch.stack([_sum_but(lattice, plane) for plane in range(planes)], dim=1)
        return others.reshape(images * side, -1).index_select(0, places)


def _sum_but(lattice: Tensor, plane: int) -> Tensor:
    """Sum over the planes, second axis, but for one."""
    before, after = lattice[:, :plane], lattice[:, plane + 1 :]
    return torch.cat([before, after], dim=1).sum(dim=1)


class PlaneMixing(nn.Module):
    """Adds to every site what its own and the other planes have in its drift bin; see the module's text.

    Parameters
    ----------
    channels : int
    planes : int
        Images of an event, which follow one another in the batch.
    backend : {"auto", "numba", "torch", "reference"}

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 1, 4], [1, 3, 4]], torch.ones(2, 8), shape=(4, 5))
    >>> PlaneMixing(8, planes=2)(x).features.shape
    torch.Size([2, 8])
    """

    def __init__(self, channels: int, *, planes: int, backend: Backend = "auto") -> None:
        super().__init__()
        self.planes = planes
        self.norm = BatchNorm(channels, relu=True)
        self.site = Linear(channels, channels, bias=False, backend=backend)
        self.own = Linear(2 * channels, channels, bias=False, backend=backend)
        self.others = Linear(2 * channels, channels, bias=False, backend=backend)
        self.hidden_norm = BatchNorm(channels, relu=True)
        self.out = Linear(channels, channels, bias=False, backend=backend)

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Mix; the sites stay."""
        activated, x = self.norm.branch(x)
        bins = DriftBins.of(x.index, x.features.device)
        summaries = bins.summarized(activated.features)
        others = bins.of_others(summaries, self.planes)
        read = self.own(SparseTensor(summaries, bins.index)).features
        read = read + self.others(SparseTensor(others, bins.index)).features
        hidden = self.site(activated).features + read.index_select(0, bins.bin_of)
        mixed = self.out(self.hidden_norm(x.with_features(hidden)))
        return x.with_features(x.features + mixed.features)
