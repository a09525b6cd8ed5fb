"""The ResNet-50 "C4" of Mask R-CNN, dense and sparse: from an image to features of cells of 16 x 16 pixels.

    convolution of 7 pixels, stride 2; norm, ReLU; maximum of 3 pixels, stride 2     64 channels, stride 4
    3 bottlenecks                                                                     256,         stride 4
    4 bottlenecks, the first halves the resolution                                    512,         stride 8
    6 bottlenecks, the first halves the resolution                                    1024,        stride 16

The sparse network spreads at the first two operations only: a site is active
where its window of 7 (of 3) holds an active one. Its 3-pixel convolutions are
submanifold. Both give a `SparseTensor` of cells: the dense one of all cells,
the sparse one of its active sites, the others counting as 0.

What agrees. With the same weights both compute the same

- everywhere, if all pixels of the image are active;
- at cells whose receptive field, `receptive_radius` pixels around them, is
  active throughout, or reaches over the image's border only;
- through the first bottleneck's output at every active site, if no norm shifts
  upwards (shift at most 0): outside the sites the dense features then are 0.

Elsewhere they differ, by what the dense 3-pixel convolutions spread and by the
norms' shifts at empty pixels: that is the approximation of the paper.

The image enters as one channel. The authors give three equal ones, which is the
same with the first weights summed over them.

Not settled: the authors pad 11 pixels at the ends of the axes and drop the last
column of cells, which fits a library whose windows begin at the pixel 2p (ours
and the dense network's are centred there): their sparse cells may stand 5
pixels further along both axes. Training absorbs it.

References
----------
He et al., arXiv:1512.03385, table 1. Paper 1: arXiv:2201.05705, section 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from argoscope.errors import InvalidArgument
from argoscope.models.bottlenecks import DENSE, SPARSE, Parts, stage, to_dense, to_sparse
from argoscope.models.mask_rcnn_config import BackboneConfig
from argoscope.sparse import SparseTensor, StridedConvolution, max_pool

__all__ = ["DenseC4", "SparseC4", "converted", "make_backbone", "receptive_radius"]

STEM_KERNEL, POOL_KERNEL = 7, 3
"""Pixels of the first convolution and of the pooling (arXiv:1512.03385, table 1)."""


class _C4(nn.Module):
    """What both share: the stages."""

    parts: Parts

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.stem_norm = self.parts.norm(config.norm, config.stem)
        channels = (config.stem, *(4 * inner for inner in config.inner))
        self.channels = channels[3]
        """Channels of a cell."""
        self.stages = nn.Sequential(
            *(
                stage(
                    self.parts, channels[number], config.inner[number], config.blocks[number], norm=config.norm,
                    halves=number > 0, stride_in_1x1=config.stride_in_1x1,
                )
                for number in range(3)
            )
        )  # fmt: skip


class DenseC4(_C4):
    """The dense network; see the module's text.

    Examples
    --------
    >>> network = DenseC4(BackboneConfig(sparse=False, width=32)).eval()
    >>> x = SparseTensor.from_coordinates([[0, 3, 4]], torch.ones(1, 1), shape=(33, 20))
    >>> cells = network(x)
    >>> cells.index.shape, cells.features.shape
    ((3, 2), torch.Size([6, 32]))
    """

    parts = DENSE

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__(config)
        self.stem = nn.Conv2d(1, config.stem, STEM_KERNEL, stride=2, padding=STEM_KERNEL // 2, bias=False)
        nn.init.normal_(self.stem.weight, std=(2 / STEM_KERNEL**2) ** 0.5)

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Features of all cells of an image of one channel."""
        image = self.stem(x.to_dense().contiguous())
        image = F.max_pool2d(
            torch.relu(self.stem_norm(image)), POOL_KERNEL, stride=2, padding=POOL_KERNEL // 2
        )
        cells: Tensor = self.stages(image)
        return SparseTensor.from_dense(cells, torch.ones_like(cells[:, 0], dtype=torch.bool))


class SparseC4(_C4):
    """The sparse network; see the module's text.

    Examples
    --------
    >>> network = SparseC4(BackboneConfig(width=32)).eval()
    >>> x = SparseTensor.from_coordinates([[0, 3, 4]], torch.ones(1, 1), shape=(33, 20))
    >>> cells = network(x)
    >>> cells.index.shape, cells.index.coordinates.tolist()
    ((3, 2), [[0, 0]])
    """

    parts = SPARSE

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__(config)
        self.stem = StridedConvolution(1, config.stem, dimensions=2, kernel=STEM_KERNEL)

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Features of the active cells of an image of one channel."""
        sites = max_pool(self.parts.relu(self.stem_norm(self.stem(x))), kernel=POOL_KERNEL)
        cells: SparseTensor = self.stages(sites)
        return cells


def make_backbone(config: BackboneConfig) -> DenseC4 | SparseC4:
    """The backbone that a configuration asks for."""
    return SparseC4(config) if config.sparse else DenseC4(config)


def converted(state: Mapping[str, Tensor], *, sparse: bool) -> dict[str, Tensor]:
    """Weights of one backbone in the layout of the other.

    Parameters
    ----------
    state : mapping of str to Tensor
        State dict of a `SparseC4` or a `DenseC4`.
    sparse : bool
        Whether the result is for a `SparseC4`.

    Raises
    ------
    InvalidArgument
        If the weights have that layout already.

    Examples
    --------
    >>> dense = DenseC4(BackboneConfig(sparse=False, width=32))
    >>> SparseC4(BackboneConfig(width=32)).load_state_dict(converted(dense.state_dict(), sparse=True))
    <All keys matched successfully>
    """
    if (state["stem.weight"].ndim == 3) == sparse:
        raise InvalidArgument(
            f"state is that of a {'sparse' if sparse else 'dense'} backbone already; load it as it is"
        )
    turn = to_sparse if sparse else to_dense
    return {name: turn(weight) for name, weight in state.items()}


def receptive_radius(config: BackboneConfig) -> int:
    """Pixels around its centre, along each axis, that a cell's features depend on.

    Examples
    --------
    >>> receptive_radius(BackboneConfig())
    145
    """
    radius = STEM_KERNEL // 2 + 2 * (POOL_KERNEL // 2)
    strides = (4, 8, 16)
    for number, stride in enumerate(strides):
        first = stride if number == 0 or config.stride_in_1x1 else stride // 2
        radius += first + stride * (config.blocks[number] - 1)
    return radius
