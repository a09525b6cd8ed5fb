"""The region proposal network: which anchors may hold an interaction, and how to move them.

At every cell a convolution of 3 pixels, ReLU, then for each anchor one score
before the sigmoid and four deltas (`argoscope.models.boxes`).

Computed only where it must be: a cell that has no active one within one cell
sees zeros alone, so that all such cells have one and the same answer. They are
not left out: they share that answer, and scores, proposals and losses are those
of the network on every cell, for any weights.

    proposals   the best scores; moved and clipped boxes; suppression; the best of these
    losses      of a sample of anchors that lie within the image: binary cross entropy of the scores, divided by the
                sample's size; smooth L1 (beta 1/9) of the deltas of positives, divided by the same

References
----------
Ren et al., arXiv:1506.01497, section 3.1.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from argoscope.models.anchors import placed
from argoscope.models.boxes import clip, decode, encode, inside
from argoscope.models.mask_rcnn_config import ProposalConfig
from argoscope.models.matching import match, sample, with_best
from argoscope.models.roi_align import rows_of_cells
from argoscope.models.suppression import nms
from argoscope.sparse import SiteIndex, SparseTensor, SubmanifoldConvolution

__all__ = ["ProposalNetwork", "proposal_losses", "proposals", "surrounded"]

BETA = 1 / 9
"""Where the loss of the deltas turns from square to linear (Detectron)."""
SPREAD = 0.01
"""Standard deviation of the first weights (arXiv:1506.01497, section 3.1.3)."""
POSITIVE_FRACTION = 0.5
"""Largest part of the sampled anchors that is positive (arXiv:1506.01497, section 3.1.3)."""


class ProposalNetwork(nn.Module):
    """Scores and deltas of the anchors of every cell.

    Parameters
    ----------
    channels : int
        Of a cell's features.
    shapes : sequence of (float, float)
        Sizes (wires, times) of the anchors, in pixels.

    Examples
    --------
    >>> network = ProposalNetwork(2, [(16.0, 16.0), (32.0, 8.0)])
    >>> x = SparseTensor.from_coordinates([[0, 1, 1]], torch.ones(1, 2), shape=(3, 5))
    >>> scores, deltas = network(x)
    >>> scores.shape, deltas.shape, network.anchors(x).shape
    (torch.Size([1, 30]), torch.Size([1, 30, 4]), torch.Size([30, 4]))
    """

    def __init__(self, channels: int, shapes: Sequence[tuple[float, float]]) -> None:
        super().__init__()
        self.shapes = tuple(shapes)
        self.convolution = SubmanifoldConvolution(channels, channels, dimensions=2, kernel=3, bias=True)
        self.score = nn.Linear(channels, len(self.shapes))
        self.delta = nn.Linear(channels, 4 * len(self.shapes))
        for layer in (self.convolution, self.score, self.delta):
            nn.init.normal_(layer.weight, std=SPREAD)
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)

    def forward(self, x: SparseTensor) -> tuple[Tensor, Tensor]:
        """Answers of every anchor of every cell, cells in row-major order.

        Parameters
        ----------
        x : SparseTensor
            Features of cells; those without count as 0.

        Returns
        -------
        scores : Tensor, shape (images, anchors)
            Before the sigmoid.
        deltas : Tensor, shape (images, anchors, 4)
        """
        near = surrounded(x)
        hidden = self.convolution(near)
        alone = self.convolution.bias
        assert alone is not None
        # The last row is the answer of a cell that sees zeros alone.
        rows = torch.cat([hidden.features, alone.to(hidden.features.dtype)[None]]).relu()
        cells = rows_of_cells(near.index, rows.device).flatten(1)
        cells = torch.where(cells < 0, len(rows) - 1, cells)
        scores, deltas = self.score(rows), self.delta(rows)
        return scores[cells].flatten(1), deltas[cells].reshape(len(cells), -1, 4)

    def anchors(self, x: SparseTensor) -> Tensor:
        """The anchors that `forward` answers for, shape (anchors, 4), in pixels."""
        shapes = torch.tensor(self.shapes, dtype=x.features.dtype, device=x.features.device)
        return placed(shapes, x.index.shape).flatten(0, 1)


def surrounded(x: SparseTensor) -> SparseTensor:
    """The features, and zeros at all cells within one cell of them.

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 0, 1]], torch.ones(1, 1), shape=(3, 5))
    >>> surrounded(x).features.flatten().tolist()
    [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    """
    sites = np.column_stack([x.index.events, x.index.coordinates]).astype(np.int64)
    steps = sorted(itertools.product((-1, 0, 1), repeat=2), key=lambda step: step != (0, 0))
    around = (sites[None] + np.array([(0, *step) for step in steps])[:, None]).reshape(-1, 3)
    within = ((around[:, 1:] >= 0) & (around[:, 1:] < x.index.shape)).all(axis=1)
    index = SiteIndex.from_coordinates(
        around[within], shape=x.index.shape, batch_size=x.index.batch_size, duplicates="merge"
    )
    rows = torch.from_numpy(index.given[: len(sites)]).to(x.features.device)
    return SparseTensor(
        x.features.new_zeros(len(index), x.features.shape[1]).index_copy(0, rows, x.features), index
    )


def proposals(
    scores: Tensor,
    deltas: Tensor,
    anchors: Tensor,
    sides: Sequence[int],
    config: ProposalConfig,
    *,
    training: bool,
) -> Tensor:
    """Boxes of one image that may hold an interaction, without gradient.

    Parameters
    ----------
    scores : Tensor, shape (anchors,)
    deltas, anchors : Tensor, shape (anchors, 4)
    sides : sequence of 2 int
        Of the image, in pixels.
    config : ProposalConfig
    training : bool
        Which of the two overlaps suppresses.

    Returns
    -------
    Tensor, shape (proposals, 4)
        By decreasing score.
    """
    best = scores.detach().topk(min(config.before, len(scores)))
    boxes = clip(decode(deltas.detach()[best.indices], anchors[best.indices]), sides)
    overlap = config.training_overlap if training else config.overlap
    return boxes[nms(boxes, best.values, overlap, most=config.kept)]


def proposal_losses(
    scores: Tensor,
    deltas: Tensor,
    anchors: Tensor,
    truth: Tensor,
    *,
    sides: Sequence[int],
    config: ProposalConfig,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Losses of the scores and of the deltas of one image.

    Parameters
    ----------
    scores : Tensor, shape (anchors,)
    deltas, anchors : Tensor, shape (anchors, 4)
    truth : Tensor, shape (interactions, 4)
        True boxes.
    sides : sequence of 2 int
        Of the image, in pixels; anchors that leave it are ignored.
    config : ProposalConfig
    generator : torch.Generator, optional
        Draws the sample.

    Returns
    -------
    scores' loss, deltas' loss : Tensor, scalar
        0 if no anchor lies within the image.
    """
    usable = inside(anchors, sides).nonzero().squeeze(1)
    matches, best = match(anchors[usable], truth)
    positives, negatives = with_best(matches, best, config.positive, config.negative)
    positives, negatives = sample(
        positives, negatives, count=config.sampled, fraction=POSITIVE_FRACTION, generator=generator
    )
    counted = max(1, len(positives) + len(negatives))
    chosen = usable[torch.cat([positives, negatives])]
    targets = torch.zeros_like(scores[chosen])
    targets[: len(positives)] = 1
    score_loss = F.binary_cross_entropy_with_logits(scores[chosen], targets, reduction="sum")
    moved = usable[positives]
    wanted = encode(truth[matches.rows[positives]], anchors[moved])
    delta_loss = F.smooth_l1_loss(deltas[moved], wanted, beta=BETA, reduction="sum")
    return score_loss / counted, delta_loss / counted
