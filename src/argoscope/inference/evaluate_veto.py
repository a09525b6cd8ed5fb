"""The veto of cosmic-only events on whole files: what each tagger leaves, alone and together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from argoscope.analyses import veto
from argoscope.analyses.external_tags import ExternalTags
from argoscope.analyses.flash_difficulty import in_time_table, places_in_samples
from argoscope.analyses.plane_event import PlaneEvent
from argoscope.analyses.positive import Called, called_neutrino, positive_report
from argoscope.analyses.simulated_flash import SimulatedFlashTagger
from argoscope.analyses.statistics import LEVEL
from argoscope.analyses.taggers import TAG_SCORE, CosmicTagger, InstanceTagger, UnionTagger
from argoscope.analyses.veto import Left, Rules, left_over, tagger_report
from argoscope.errors import InvalidArgument
from argoscope.events import EventId
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.instance_planes import plane_events
from argoscope.inference.products import each_once, models_in
from argoscope.inference.veto_samples import ceiling_gev, samples_of
from argoscope.typing import PathLike

__all__ = ["FLASH_SCAN", "evaluate_veto"]

FLASH_SCAN = {"eps_in": (0.85, 0.95), "f_out": (1 / 10, 1 / 30, 1 / 100), "rho": (0.0, 0.5)}
"""Other qualities of the simulated second tagger: what is gained depends on it."""
DBSCAN_SCAN = {"eps": (3.0, 5.0, 10.0, 15.0), "min_points": (3, 5, 10, 20)}
"""Clusterings of what is left; chosen on tuning events, never on test events."""


@dataclass(frozen=True, eq=False)
class _Seen:
    """What is kept of the events of all files.

    Parameters
    ----------
    files, kinds, energies : list
        Position of the file, kind of interaction and energy of the neutrino, in GeV, of each event.
    called : list of Called
    left : dict of str to list of Left
        By tagger, or by what else was tried.
    """

    files: list[int]
    kinds: list[str]
    energies: list[float]
    called: list[Called]
    left: dict[str, list[Left]]


def evaluate_veto(
    paths: Sequence[PathLike],
    *,
    eps: float = Rules.eps,
    min_points: int = Rules.min_points,
    cosmic_score: float = TAG_SCORE,
    flash: dict[str, Any] | None = None,
    flash_scan: bool = True,
    tags: PathLike | None = None,
    scan: bool = False,
    plane: int | None = None,
    obey: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Evaluate the veto.

    Parameters
    ----------
    paths : sequence of path
        Outputs of `predict` with the table of the neutrino: neutrinos, those of low energy, and events without.
    eps, min_points : float, int
        DBSCAN of what is left.
    cosmic_score : float
        Cosmic instances with a score above are taken away.
    flash : dict, optional
        Arguments of `SimulatedFlashTagger`, as a second tagger; an empty one has its defaults.
    flash_scan : bool
        Whether such taggers of other qualities are tried too.
    tags : path, optional
        Tags of another reconstruction, as a second tagger; see `ExternalTags`.
    scan : bool
        Whether other clusterings are tried too.
    plane : int, optional
        Projection; by default the only plane of the charge, else the collection plane.
    obey : callable
        Called before each event; what it raises ends the work.

    Returns
    -------
    dict
        ``taggers``: each one's `veto.tagger_report`; ``roc``, ``working_points`` and ``tagger``: those of all
        together; ``gain``: background that the network removes from what a second tagger leaves; ``flash_scan``;
        ``dbscan_scan``; ``positive``; ``events`` by sample; ``ratios``, ``published``, ``rules``, ``models``,
        ``interval``.

    Raises
    ------
    InvalidArgument
        If a file is given twice, has no predicted instances or no table of the neutrino, tags are of other events or
        could be of several, a score is not from 0 to 1, or there is no event.
    """
    paths = each_once(paths)
    rules, models = Rules(eps, min_points), models_in(paths)
    network = InstanceTagger(f"network ({', '.join(models)})", cosmic_score)
    others: list[CosmicTagger] = []
    if tags is not None:
        others.append(ExternalTags.open(tags))
    if flash is not None:
        others.append(SimulatedFlashTagger(**flash))
    taggers, flashes = _taggers(network, others), _flashes(flash) if flash_scan else []
    tried = {tagger.name: (tagger, rules) for tagger in taggers}
    tried |= {f"flash {k}": (UnionTagger([network, t]), rules) for k, t in enumerate(flashes)}
    tried |= {f"dbscan {k}": (taggers[-1], r) for k, r in enumerate(_clusterings(scan))}

    def read() -> Iterator[tuple[int, PlaneEvent]]:
        return _numbered(paths, plane, obey, distinct=tags is not None)

    ceilings = [_ceiling(path) for path in paths]
    places = _places(read(), ceilings) if flash is not None else None
    seen = _seen(read(), tried, places)
    samples = samples_of(seen.files, seen.kinds, seen.energies, ceilings)
    reports = [tagger_report(tagger, samples, seen.left[tagger.name]) for tagger in taggers]
    return {
        "roc": reports[-1]["roc"],
        "working_points": reports[-1]["working_points"],
        "tagger": taggers[-1].name,
        "taggers": reports,
        "gain": [_gain(network, other, samples, seen.left) for other in others],
        "flash_scan": _flash_rows(flashes, samples, seen.left),
        "dbscan_scan": _dbscan_rows(taggers[-1], scan, samples, seen.left),
        "positive": positive_report(samples, seen.called),
        "events": {sample: samples.count(sample) for sample in sorted({*samples, *veto.SAMPLES})},
        "ratios": veto.RATIOS,
        "published": veto.PAPER_1,
        "rules": {**asdict(rules), "cosmic_score": cosmic_score},
        "models": models,
        "interval": f"central {LEVEL:.1%}: Clopper-Pearson for shares of events, else bootstrap over events",
    }


def _taggers(network: InstanceTagger, others: list[CosmicTagger]) -> list[CosmicTagger]:
    """The network, each other one, the network with each, and all together, which stand last."""
    found: list[CosmicTagger] = [network, *others, *(UnionTagger([network, other]) for other in others)]
    return [*found, UnionTagger([network, *others])] if len(others) > 1 else found


def _flashes(flash: dict[str, Any] | None) -> list[SimulatedFlashTagger]:
    if flash is None:
        return []
    return [
        SimulatedFlashTagger(**{**flash, **dict(zip(FLASH_SCAN, values, strict=True))})
        for values in product(*FLASH_SCAN.values())
    ]


def _clusterings(scan: bool) -> list[Rules]:
    return [Rules(eps, int(points)) for eps, points in product(*DBSCAN_SCAN.values())] if scan else []


def _ceiling(path: PathLike) -> float:
    with Larcv3File(path) as file:
        return ceiling_gev(file.header.provenance)


def _numbered(
    paths: Sequence[PathLike], plane: int | None, obey: Callable[[], None], *, distinct: bool
) -> Iterator[tuple[int, PlaneEvent]]:
    """Every event with the position of its file, refused without its interaction, or of a number met before."""
    met: dict[EventId, str] = {}
    for position, path in enumerate(paths):
        for event in plane_events([path], truth="if there", plane=plane, obey=obey):
            if event.interaction is None:
                raise InvalidArgument(
                    f"{path} has no table of the neutrino, which tells what an event is of: "
                    "`argoscope select veto` works without truth"
                )
            if (
                distinct
                and met.setdefault(event.event.id, where := f"{path}, entry {event.where['entry']}") != where
            ):
                raise InvalidArgument(
                    f"{event.event.id} is in {met[event.event.id]} and in {where}: tags are matched by run, subrun and "
                    "event, so that theirs would go to both. Simulated samples all begin with event 0 of run 1: give "
                    "each sample its own run, in its files and in the tags"
                )
            yield position, event


def _places(events: Iterable[tuple[int, PlaneEvent]], ceilings: Sequence[float]) -> list[np.ndarray]:
    """How difficult the interactions in time of each event are among those of its sample: a look before the tagging."""
    files, kinds, energies, tables = [], [], [], []
    for position, event in events:
        assert event.interaction is not None
        files.append(position)
        kinds.append(event.interaction.kind)
        energies.append(event.interaction.energy_gev)
        tables.append(in_time_table(event))
    return places_in_samples(samples_of(files, kinds, energies, ceilings), tables)


def _seen(
    events: Iterable[tuple[int, PlaneEvent]],
    tried: dict[str, tuple[CosmicTagger, Rules]],
    places: Sequence[np.ndarray] | None,
) -> _Seen:
    """Tag every event."""
    seen = _Seen([], [], [], [], {name: [] for name in tried})
    for number, (position, event) in enumerate(events):
        assert event.interaction is not None
        seen.files.append(position)
        seen.kinds.append(event.interaction.kind)
        seen.energies.append(event.interaction.energy_gev)
        seen.called.append(called_neutrino(event))
        placed = event if places is None else replace(event, places=places[number])
        for name, (tagger, rules) in tried.items():
            seen.left[name].append(left_over(placed, tagger, rules))
    if not seen.files:
        raise InvalidArgument("the files hold no event: there is nothing to evaluate")
    return seen


def _gain(
    network: InstanceTagger, other: CosmicTagger, samples: Sequence[str], left: dict[str, list[Left]]
) -> dict[str, Any]:
    joined = UnionTagger([network, other]).name
    return {
        "beside": other.name,
        "provenance": other.provenance,
        **veto.removed_background(samples, left[other.name], left[joined]),
    }


def _flash_rows(
    flashes: Sequence[SimulatedFlashTagger], samples: Sequence[str], left: dict[str, list[Left]]
) -> list[dict[str, Any]]:
    """Working points of the union with second taggers of other qualities."""
    rows = []
    for number, tagger in enumerate(flashes):
        found = tagger_report(tagger, samples, left[f"flash {number}"])
        quality = {name: getattr(tagger, name) for name in FLASH_SCAN}
        rows.append({**quality, "working_points": found["working_points"], "area": found["area"]})
    return rows


def _dbscan_rows(
    tagger: CosmicTagger, scan: bool, samples: Sequence[str], left: dict[str, list[Left]]
) -> list[dict[str, Any]]:
    """Areas under the ROC with other clusterings."""
    rows = []
    for number, rules in enumerate(_clusterings(scan)):
        found = tagger_report(tagger, samples, left[f"dbscan {number}"])
        mean = float(np.mean([event.largest for event in left[f"dbscan {number}"]]))
        rows.append({**asdict(rules), "area": found["area"], "mean_largest": mean})
    return rows
