"""Cosmic taggers: what says of each pixel of a plane whether it is a cosmic ray's.

A tagger is anything with a name, a provenance and `tag`. Where its answers come
from is part of it, because a tagger that knows the truth must never pass for
one that does not:

==================  ================================================================
provenance          what answers
==================  ================================================================
`network`           predicted instances in the file
`external`          tags that somebody else's reconstruction made (`external_tags`)
`truth-simulated`   truth, smeared to imitate a reconstruction (`simulated_flash`)
==================  ================================================================

References
----------
Paper 1: arXiv:2201.05705, section 5.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal, Protocol

import numpy as np

from argoscope.analyses.plane_event import PlaneEvent
from argoscope.errors import InvalidArgument
from argoscope.events._frozen import read_only

__all__ = ["TAG_SCORE", "CosmicTagger", "InstanceTagger", "Provenance", "Tag", "UnionTagger"]

TAG_SCORE = 0.20
"""Cosmic instances tag their pixels with a score above (paper 1, section 5.2)."""
Provenance = Literal["network", "external", "truth-simulated"]
"""Where a tagger's answers come from; a union has the last one of its parts."""
_RANKED: tuple[Provenance, ...] = ("network", "external", "truth-simulated")


@dataclass(frozen=True, eq=False)
class Tag:
    """What a tagger says of a plane.

    Parameters
    ----------
    pixels : ndarray, shape (n,), bool
        Which pixels of the image are a cosmic ray's.
    event_veto : bool
        Whether the event as a whole is rejected.
    off_charge : int
        Tagged pixels on which the image has no charge.
    """

    pixels: np.ndarray
    event_veto: bool = False
    off_charge: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "pixels", read_only(self.pixels, bool))

    def joined(self, other: Tag) -> Tag:
        """Tagged by either, rejected by either."""
        return Tag(
            self.pixels | other.pixels,
            self.event_veto or other.event_veto,
            self.off_charge + other.off_charge,
        )


class CosmicTagger(Protocol):
    """Anything that tags."""

    @property
    def name(self) -> str:
        """As plots and tables show it."""

    @property
    def provenance(self) -> Provenance:
        """Where its answers come from."""

    def tag(self, event: PlaneEvent) -> Tag:
        """Tag the pixels of one plane, in the order of its image."""


@dataclass(frozen=True)
class InstanceTagger:
    """All pixels of the predicted cosmic instances of the file, overlapping ones too.

    Parameters
    ----------
    name : str
        Of the network.
    above : float
        Score that an instance must exceed.
    """

    name: str = "network"
    above: float = TAG_SCORE
    provenance: Provenance = "network"

    def __post_init__(self) -> None:
        if not 0 <= self.above <= 1:
            raise InvalidArgument(f"above (={self.above}) must be a score from 0 to 1")

    def tag(self, event: PlaneEvent) -> Tag:
        """Tag the pixels of one plane.

        Parameters
        ----------
        event : PlaneEvent

        Returns
        -------
        Tag
        """
        cosmic = event.said.of_class("cosmic")
        ids = cosmic.take(cosmic.scores > self.above).clusters.ids
        return Tag(np.isin(event.image.ids, ids))


@dataclass(frozen=True)
class UnionTagger:
    """Several taggers together: a pixel is tagged if any tags it, an event rejected if any rejects it.

    Parameters
    ----------
    parts : sequence of CosmicTagger
        At least one.
    """

    parts: Sequence[CosmicTagger]

    def __post_init__(self) -> None:
        if not self.parts:
            raise InvalidArgument("parts must be at least one tagger")

    @property
    def name(self) -> str:
        """Names of the parts."""
        return " + ".join(part.name for part in self.parts)

    @property
    def provenance(self) -> Provenance:
        """Truth-simulated if any part is, else external if any is."""
        return max((part.provenance for part in self.parts), key=_RANKED.index)

    def tag(self, event: PlaneEvent) -> Tag:
        """Tag the pixels of one plane.

        Parameters
        ----------
        event : PlaneEvent

        Returns
        -------
        Tag
        """
        return reduce(Tag.joined, (part.tag(event) for part in self.parts))
