"""Networks that read the planes of an event together: which images of a batch make an event.

A batch numbers its images through; that plane 2 of one event and plane 0 of
the next do not belong together is said by ``images_of``, the number of images
of each event, which goes with the batch from the loader to the network.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from argoscope.errors import InvalidArgument
from argoscope.sparse import SparseTensor

__all__ = ["PlaneNetwork", "require_planes", "scores_of"]


class PlaneNetwork(nn.Module):
    """A network that answers all planes of an event from all of them.

    Its `forward` takes a `SparseTensor` and ``images_of``, and gives scores on
    the same sites.
    """


def scores_of(network: nn.Module, x: SparseTensor, images_of: Sequence[int]) -> SparseTensor:
    """Scores of every active pixel, by a network of single images or of whole events.

    Parameters
    ----------
    network : Module
    x : SparseTensor
    images_of : sequence of int
        Number of images of each event, in the order of the batch.
    """
    scores: SparseTensor = network(x, images_of) if isinstance(network, PlaneNetwork) else network(x)
    return scores


def require_planes(x: SparseTensor, images_of: Sequence[int], planes: int) -> None:
    """Refuse a batch whose events have not the planes that a network reads.

    Parameters
    ----------
    x : SparseTensor
    images_of : sequence of int
        Number of images of each event.
    planes : int
        Number that every event needs.

    Raises
    ------
    InvalidArgument
        If an event has more or fewer, or the events together not the images of the batch.

    Examples
    --------
    >>> import torch
    >>> x = SparseTensor.from_coordinates([[0, 0, 1]], torch.ones(1, 1), shape=(4, 5), batch_size=5)
    >>> require_planes(x, [3, 2], planes=3)
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: event 1 of the batch has 2 images, and the network reads 3 planes of each event: give all, empty ones too
    """
    for event, images in enumerate(images_of):
        if images != planes:
            raise InvalidArgument(
                f"event {event} of the batch has {images} images, and the network reads {planes} planes of each "
                "event: give all, empty ones too"
            )
    if sum(images_of) != x.index.batch_size:
        raise InvalidArgument(
            f"images_of (={list(images_of)}) adds up to {sum(images_of)} images, and the batch has "
            f"{x.index.batch_size}; give the number of images of each event"
        )
