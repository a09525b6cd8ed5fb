"""What the answers of networks that part the pixels of an image cost, the ablations of seeds.

The loss of an image is that of `argoscope.training.partition_losses` and half the
cross entropy of the class of its pixels.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from argoscope.models.condensation import CondensationAnswer
from argoscope.models.pixel_edges import EdgeAnswer
from argoscope.training.data import Item
from argoscope.training.instance_pixels import SEMANTIC_WEIGHT, semantic_loss, sorted_columns
from argoscope.training.partition_losses import condensation_loss, edge_loss
from argoscope.training.seed_targets import image_targets

__all__ = ["partition_loss_sum"]


def partition_loss_sum(answer: EdgeAnswer | CondensationAnswer, batch: Item) -> Tensor:
    """Losses of the images of a batch, added up.

    Parameters
    ----------
    answer : EdgeAnswer or CondensationAnswer
    batch : Item
    """
    index = answer.semantic.index
    columns = sorted_columns(batch, index.given)
    total = SEMANTIC_WEIGHT * semantic_loss(answer.semantic, batch)
    for first, last in pairwise(index.event_starts.tolist()):
        targets = image_targets(*columns.part(first, last))
        member = torch.from_numpy(targets.member).to(total.device)
        counts = torch.from_numpy(columns.counts[first:last]).to(total.device)
        if isinstance(answer, EdgeAnswer):
            mine = (answer.edges[:, 0] >= first) & (answer.edges[:, 0] < last)
            total = total + edge_loss(answer.scores[mine], answer.edges[mine] - first, member, counts)
        else:
            said = (answer.places[first:last][counts], answer.certainty[first:last][counts])
            total = total + condensation_loss(*said, member[counts], len(targets.classes))
    return total
