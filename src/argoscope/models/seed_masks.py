"""Masks from seeds: every cell of 8 pixels may say which pixels of the image belong to its object.

A cell j answers with a kernel, k_j and c_j, the class of its object and how
well its mask will fit; a pixel i with an embedding e_i. With (u, v) the place
of the pixel as seen from the cell's centre, in units of 512 pixels, its
score of belonging to the cell's object is

    m_ij = k_j . e_i + c_j . (1, u, v, u^2, u v, v^2)

so that a cell can say "near this line" without any help of the embedding. With
places seen from the image's origin, which takes the same monomials and other
coefficients, all masks are one product of matrices.

No boxes, no anchors and no dense maps: the objects of a wire plane are long
and thin and cross.

References
----------
Masks from kernels: Tian, Shen & Chen, arXiv:2003.05664 (CondInst); from sampled seeds on sparse points: Ngo, Hua &
Nguyen, arXiv:2303.13246 (ISBNet).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from argoscope.models.pixel_embedding import PixelEmbedding
from argoscope.sparse import Linear, SiteIndex, SparseTensor
from argoscope.sparse.convolution import Backend

__all__ = ["SEED_LEVEL", "SeedAnswer", "SeedHead", "from_origin", "monomials", "seed_centres"]

SEED_LEVEL = 3
"""Level whose sites are the seeds: cells of 2^3 pixels a side, about 1,900 in a plane of MicroBooNE."""
CELL = 1 << SEED_LEVEL
PLACE_UNIT = 512.0
"""Pixels: the scale of objects; 1,700-pixel muons have places up to 3.4."""
MONOMIALS = 6
HIDDEN = 128
"""Channels between the two layers of a cell's answer."""


@dataclass(frozen=True)
class SeedAnswer:
    """What the network says of the images of a batch.

    Parameters
    ----------
    semantic : SparseTensor
        Class scores of every pixel, before softmax.
    terms : SparseTensor
        Embedding, then monomials, of every pixel: (pixels, embedding + 6).
    cells : SiteIndex
        The seeds.
    classes : Tensor, shape (cells, classes)
        Class scores of every seed, before softmax.
    quality : Tensor, shape (cells,)
        Before the sigmoid: the overlap that the seed's mask will have with its object.
    kernels : Tensor, shape (cells, embedding + 6)
        Mask scores of a seed before the sigmoid are ``terms @ kernels[j]``.
    """

    semantic: SparseTensor
    terms: SparseTensor
    cells: SiteIndex
    classes: Tensor
    quality: Tensor
    kernels: Tensor

    @property
    def embedding(self) -> Tensor:
        """Embedding of every pixel, shape (pixels, embedding)."""
        return self.terms.features[:, :-MONOMIALS]


class SeedHead(nn.Module):
    """From the features of pixels and cells to what `SeedAnswer` holds.

    Parameters
    ----------
    pixel_channels, cell_channels : int
        Of the features that are read.
    classes, embedding : int
    backend : {"auto", "numba", "torch", "reference"}

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 9, 1]], torch.ones(1, 4), shape=(16, 16))
    >>> index = x.index
    >>> for _ in range(SEED_LEVEL):
    ...     index = index.coarser(2)[1]
    >>> head = SeedHead(4, 8, classes=3, embedding=5)
    >>> answer = head(x, SparseTensor(torch.ones(1, 8), index), semantic=x)
    >>> (answer.terms.features @ answer.kernels.T).shape
    torch.Size([1, 1])
    """

    def __init__(
        self, pixel_channels: int, cell_channels: int, *, classes: int, embedding: int, backend: Backend = "auto"
    ) -> None:  # fmt: skip
        super().__init__()
        self.widths = (classes, 1, embedding, MONOMIALS)
        self.embedding = PixelEmbedding(pixel_channels, embedding, backend)
        self.cell_first = Linear(cell_channels, HIDDEN, backend=backend)
        self.cell_second = Linear(HIDDEN, sum(self.widths), backend=backend)

    def forward(self, pixels: SparseTensor, cells: SparseTensor, *, semantic: SparseTensor) -> SeedAnswer:
        """Answer of some images, from features of their pixels and of their cells."""
        embedding = self.embedding(pixels).features
        places = seed_centres(pixels.index, stride=1).to(embedding)
        hidden = self.cell_first(cells)
        said = self.cell_second(hidden.with_features(hidden.features.relu())).features
        classes, quality, kernels, curves = said.split(self.widths, dim=1)
        curves = from_origin(curves, seed_centres(cells.index).to(curves))
        return SeedAnswer(
            semantic=semantic,
            terms=pixels.with_features(torch.cat([embedding, monomials(places)], dim=1)),
            cells=cells.index,
            classes=classes,
            quality=quality.squeeze(1),
            kernels=torch.cat([kernels, curves], dim=1),
        )


def seed_centres(index: SiteIndex, stride: int = CELL) -> Tensor:
    """Middle of each cell from the image's origin, in units of 512 pixels; shape (cells, 2), float64.

    Examples
    --------
    >>> seed_centres(SiteIndex.from_coordinates([[0, 32, 0]], shape=(40, 4))).tolist()
    [[0.5068359375, 0.0068359375]]
    """
    middle = index.coordinates.astype("float64") * stride + (stride - 1) / 2
    return torch.from_numpy(middle / PLACE_UNIT)


def monomials(places: Tensor) -> Tensor:
    """1, x, y, x^2, x y and y^2 of places, shape (n, 2); shape (n, 6).

    Examples
    --------
    >>> monomials(torch.tensor([[2.0, 3.0]])).tolist()
    [[1.0, 2.0, 3.0, 4.0, 6.0, 9.0]]
    """
    x, y = places.unbind(1)
    return torch.stack([torch.ones_like(x), x, y, x * x, x * y, y * y], dim=1)


def from_origin(curves: Tensor, centres: Tensor) -> Tensor:
    """Coefficients, of places seen from the origin, of polynomials given as seen from their centres.

    Parameters
    ----------
    curves : Tensor, shape (s, 6)
        Of the monomials of (x, y) - centre.
    centres : Tensor, shape (s, 2)

    Returns
    -------
    Tensor, shape (s, 6)
        Of the monomials of (x, y).

    Examples
    --------
    (x - 2)^2 is 4 - 4 x + x^2:

    >>> curve, centre = torch.tensor([[0.0, 0, 0, 1, 0, 0]]), torch.tensor([[2.0, 5.0]])
    >>> from_origin(curve, centre).tolist()
    [[4.0, -4.0, 0.0, 1.0, 0.0, 0.0]]
    """
    one, x, y, xx, xy, yy = curves.unbind(1)
    a, b = centres.unbind(1)
    return torch.stack(
        [
            one - a * x - b * y + a * a * xx + a * b * xy + b * b * yy,
            x - 2 * a * xx - b * xy,
            y - a * xy - 2 * b * yy,
            xx,
            xy,
            yy,
        ],
        dim=1,
    )
