"""Events that the veto keeps, as a file of their own: for data, where no truth says which they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from argoscope.analyses.external_tags import ExternalTags
from argoscope.analyses.taggers import TAG_SCORE, CosmicTagger, InstanceTagger, UnionTagger
from argoscope.analyses.veto import DEFAULT_CUT, Rules, cut_flow, left_over, passes
from argoscope.errors import InvalidArgument
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.instance_planes import plane_events
from argoscope.inference.products import models_in
from argoscope.inference.skims import write_skim
from argoscope.typing import PathLike

__all__ = ["select_veto"]


def select_veto(
    source: PathLike,
    target: PathLike,
    *,
    cut: int = DEFAULT_CUT,
    eps: float = Rules.eps,
    min_points: int = Rules.min_points,
    cosmic_score: float = TAG_SCORE,
    tags: PathLike | None = None,
    plane: int | None = None,
    event_list: PathLike | None = None,
    command: str = "",
    overwrite: bool = False,
) -> dict[str, Any]:
    """Keep the events in which a large cluster is left when cosmic pixels are taken away.

    Parameters
    ----------
    source : path
        Output of `predict` with instances; it needs no truth.
    target : path
        larcv3 file of the kept events with all their products; it appears when it is complete. Its provenance has
        the cuts, the taggers, the cut flow and the list of kept events.
    cut : int
        Pixels that the largest cluster must exceed.
    eps, min_points : float, int
        DBSCAN of what is left.
    cosmic_score : float
        Cosmic instances with a score above are taken away.
    tags : path, optional
        Tags of another reconstruction, taken away too; see `ExternalTags`.
    plane : int, optional
        Projection; by default the only plane of the charge, else the collection plane.
    event_list : path, optional
        Text file with a line "entry run subrun event" for each kept event.
    command : str
        The command line, for the provenance.
    overwrite : bool

    Returns
    -------
    dict
        ``input``, ``output``, ``taggers``, ``cuts``, ``cut_flow``, ``largest`` (of each event), ``kept``.

    Raises
    ------
    InvalidArgument
        If a cut is out of its range, an output exists, the file has no predicted instances, or tags are of other
        events.
    """
    if cut < 0:
        raise InvalidArgument(f"cut (={cut}) must be a number of pixels from 0 up")

    def choose(file: Larcv3File) -> tuple[list[int], dict[str, Any]]:
        network = InstanceTagger(f"network ({', '.join(models_in([file.path]))})", cosmic_score)
        taggers: list[CosmicTagger] = [network]
        taggers += [ExternalTags.open(tags)] if tags is not None else []
        tagger, rules = UnionTagger(taggers), Rules(eps, min_points)
        events = plane_events([file.path], truth="none", plane=plane)
        left = [left_over(event, tagger, rules) for event in events]
        keep = np.flatnonzero(passes(left, cut)).tolist()
        return keep, {
            "task": "veto",
            "taggers": [{"name": part.name, "provenance": part.provenance} for part in taggers],
            "cuts": {
                "largest_cluster_above": cut,
                "eps": eps,
                "min_points": min_points,
                "cosmic_score": cosmic_score,
            },
            "cut_flow": cut_flow(left, cut),
            "largest": [event.largest for event in left],
        }

    return write_skim(source, target, choose, event_list=event_list, command=command, overwrite=overwrite)
