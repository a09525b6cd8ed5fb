"""What the answers of networks cost that part the pixels of an image: edges, and condensation.

edges         mean cross entropy of the edges: 1 if both pixels are of one counted instance
condensation  with q = atanh(beta)^2 + 0.1 and a the pixel of largest q of each instance,
              mean over pixels of q times the sum over instances of q_a times
                  |x - x_a|^2 for its own, max(0, 1 - |x - x_a|) for the others,
              plus the mean of 1 - beta_a over instances and of beta over pixels of none

References
----------
Condensation: Kieseler, arXiv:2002.03605, equations 2 to 6.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

__all__ = ["condensation_loss", "edge_loss"]

LEAST_CHARGE = 0.1
"""q of a pixel of no certainty (q_min of the reference, from its range of 0.1 to 1)."""
SUREST = 1 - 1e-4
"""Largest beta that counts: at 1 q would be infinite."""


def edge_loss(scores: Tensor, edges: Tensor, member: Tensor, counts: Tensor) -> Tensor:
    """Mean loss of the edges of an image; a scalar, 0 where there are none.

    Parameters
    ----------
    scores : Tensor, shape (m,)
        Before the sigmoid.
    edges : Tensor, shape (m, 2), int64
        Rows of pixels.
    member : Tensor, shape (n,), int64
        Instance of each pixel; -1 for none.
    counts : Tensor, shape (n,), bool
        Pixels with a label; edges of others do not count.

    Examples
    --------
    >>> member, labelled = torch.tensor([0, 0, 1]), torch.tensor([True, True, True])
    >>> edge_loss(torch.tensor([30.0, -30.0]), torch.tensor([[0, 1], [1, 2]]), member, labelled).round(decimals=3)
    tensor(0.)
    """
    kept = counts[edges].all(dim=1)
    if not bool(kept.any()):
        return scores.sum() * 0
    first, second = member[edges[kept]].unbind(1)
    together = ((first == second) & (first >= 0)).to(scores.dtype)
    return binary_cross_entropy_with_logits(scores[kept], together)


def condensation_loss(places: Tensor, certainty: Tensor, member: Tensor, instances: int) -> Tensor:
    """Loss of the places and certainties of the pixels of an image; a scalar.

    Parameters
    ----------
    places : Tensor, shape (n, e)
    certainty : Tensor, shape (n,)
        Before the sigmoid.
    member : Tensor, shape (n,), int64
        Instance of each pixel; -1 for none.
    instances : int

    Examples
    --------
    Two sure pixels of two objects, far apart:

    >>> places, sure = torch.tensor([[0.0], [5.0]]), torch.tensor([20.0, 20.0])
    >>> round(float(condensation_loss(places, sure, torch.tensor([0, 1]), 2)), 3)
    0.0
    """
    beta = certainty.sigmoid().clamp(max=SUREST)
    noise = member < 0
    loss = beta[noise].sum() / max(int(noise.sum()), 1)
    own = member[None] == torch.arange(instances, device=member.device)[:, None]
    own = own[own.any(dim=1)]
    if not len(own):
        return loss + places.sum() * 0
    charge = torch.atanh(beta) ** 2 + LEAST_CHARGE
    surest = torch.where(own, charge.detach(), -1.0).argmax(dim=1)
    # A distance of 0 has no slope of its root.
    squares = (places[None] - places[surest][:, None]).square().sum(dim=2)
    near = (1 - (squares + torch.finfo(squares.dtype).tiny).sqrt()).clamp(min=0)
    potential = torch.where(own, squares, near) * charge[surest][:, None]
    return loss + (charge * potential.sum(dim=0)).mean() + (1 - beta[surest]).mean()
