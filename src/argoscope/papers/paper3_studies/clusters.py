"""Section V C: electron neutrinos from muon neutrinos by one cluster with enough shower pixels.

Events of one lepton and one proton (1e1p, 1mu1p): those of which the lepton
and exactly one proton, but no other particle from the vertex, have at least 10
labelled pixels on the collection plane; neutrons do not count, whose traces lie
apart. The clusters are these two particles, each with all that descends from it
(delta rays, Michel electron, shower).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.five_class import CLUSTER_PIXELS, SHOWER_SHARE
from argoscope.analyses.statistics import Estimate, fraction
from argoscope.events import FIVE_CLASS, Event
from argoscope.figures import bare_figure
from argoscope.models.weights import Model
from argoscope.papers.charts import cell
from argoscope.papers.paper3_studies.predictions import model_for
from argoscope.papers.paper3_studies.sizes import COLLECTION, Sizes, whole
from argoscope.papers.paper3_studies.variations import SHOWER, two_class_labels
from argoscope.papers.predicting import predicted
from argoscope.papers.samples import Sample
from argoscope.papers.study import Context, Figure, Section, Table

__all__ = ["Cluster", "find", "lepton_and_proton", "vertex_clusters"]

PROTON, NEUTRON, ELECTRON, MUON = 2212, 2112, 11, 13
"""PDG codes."""
TOPOLOGIES = {"1e1p": ("paper3-nue", ELECTRON), "1mu1p": ("paper3-bnb", MUON)}
"""Preset that the events are from, and lepton."""
CUTS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Smallest share of shower pixels, of the scan."""


class Cluster(NamedTuple):
    """A particle from the vertex with what descends from it, in one image.

    Parameters
    ----------
    pdg : int
    rows : ndarray, shape (k,), int64
        Its labelled pixels.
    """

    pdg: int
    rows: np.ndarray


def find(context: Context, sizes: Sizes) -> Section:
    """Scan the cut on the largest shower share of an event's clusters."""
    model, how = model_for(context, sizes)
    samples = {name: whole(sizes, preset) for name, (preset, _) in TOPOLOGIES.items()}
    found = {
        name: _largest_shares(context, model, samples[name], lepton)
        for name, (_, lepton) in TOPOLOGIES.items()
    }
    counted = ", ".join(
        f"{len(shares)} {name} in {samples[name].events} of {samples[name].preset}"
        for name, shares in found.items()
    )
    note = f"{how} Collection plane; {counted}. Intervals hold 68 %."
    scans = {name: [_passing(shares, cut) for cut in CUTS] for name, shares in found.items()}
    return Section(
        "Section V C: 1e1p or 1mu1p",
        f"An event is called 1e1p if at least one of its clusters has a share of shower-like pixels f_s of at least {SHOWER_SHARE}. "
        "The paper gives no efficiency. A muon's cluster holds its Michel electron, so that slow muons may pass.",
        (_table(scans, note),),
        (_figure(context, found, scans, note),),
    )


def vertex_clusters(event: Event) -> list[Cluster]:
    """The labelled pixels of the event's first image by the neutrino's particle that they descend from, without neutrons.

    Parameters
    ----------
    event : Event
        With semantic labels, and instance labels that number the rows of the particle table.
    """
    image, particles = event.images[0], event.particles
    owner = image.label("instance")
    rows = np.flatnonzero(image.label("semantic").labelled & owner.labelled)
    ancestor = particles["ancestor_trackid"][owner.values[rows]]
    return [
        Cluster(int(particles["pdg"][row]), rows[ancestor == particles["trackid"][row]])
        for row in np.flatnonzero(_from_vertex(particles))
    ]


def _from_vertex(particles: np.ndarray) -> np.ndarray:
    """Which particles the neutrino made, without neutrons, shape (p,), bool; what comes from no neutrino has no current."""
    first = particles["trackid"] == particles["ancestor_trackid"]
    wanted: np.ndarray = first & (particles["current_type"] >= 0) & (particles["pdg"] != NEUTRON)
    return wanted


def lepton_and_proton(clusters: list[Cluster], lepton: int) -> list[Cluster] | None:
    """The two clusters of an event of one lepton and one proton; None for any other event.

    Parameters
    ----------
    clusters : list of Cluster
    lepton : int
        PDG code, of either charge.

    Examples
    --------
    >>> muon, proton, small = Cluster(-13, np.arange(40)), Cluster(2212, np.arange(12)), Cluster(2212, np.arange(9))
    >>> found = lepton_and_proton([muon, small, proton], 13)
    >>> [cluster.pdg for cluster in found]
    [-13, 2212]
    """
    seen = [cluster for cluster in clusters if len(cluster.rows) >= CLUSTER_PIXELS]
    kinds = sorted(abs(cluster.pdg) for cluster in seen)
    return seen if kinds == sorted((lepton, PROTON)) else None


def _largest_shares(context: Context, model: Model, sample: Sample, lepton: int) -> np.ndarray:
    """Largest shower share of the two clusters of each event of the topology, shape (events,)."""
    shares = []
    for event, (answer,) in predicted(context, model, sample, (COLLECTION,)):
        pair = lepton_and_proton(vertex_clusters(event), lepton)
        if pair is not None:
            shower = two_class_labels(answer) == SHOWER
            unseen = answer.labels == FIVE_CLASS.unlabelled
            shares.append(max(_share(shower[cluster.rows], ~unseen[cluster.rows]) for cluster in pair))
    return np.array(shares)


def _share(shower: np.ndarray, seen: np.ndarray) -> float:
    """Share of shower-like pixels among those that the network saw; 0 if it saw none."""
    return float(shower.sum() / max(seen.sum(), 1))


def _passing(shares: np.ndarray, cut: float) -> Estimate:
    return fraction(int((shares >= cut).sum()), len(shares))


def _table(scans: dict[str, list[Estimate]], note: str) -> Table:
    rows = tuple(
        (f"{cut:g}" + (" (paper 3)" if cut == SHOWER_SHARE else ""), *(cell(scan[k]) for scan in scans.values()))
        for k, cut in enumerate(CUTS)
    )  # fmt: skip
    columns = ("f_s at least", *(f"{name} called 1e1p" for name in scans))
    return Table("Scan of the cut", columns, rows, note)


def _figure(
    context: Context, found: dict[str, np.ndarray], scans: dict[str, list[Estimate]], note: str
) -> Figure:
    figure = bare_figure(5.6, 3.6)
    axes = figure.subplots()
    for (name, scan), colour in zip(scans.items(), ("#3fc296", "#0072b2"), strict=True):
        values = np.array([(e.value, e.low, e.high) for e in scan])
        axes.fill_between(CUTS, values[:, 1], values[:, 2], color=colour, alpha=0.2, linewidth=0)
        axes.plot(CUTS, values[:, 0], "o-", color=colour, markersize=3.5, label=name)
    axes.axvline(SHOWER_SHARE, color="0.4", linewidth=0.8, linestyle="--", label="paper 3's cut")
    axes.set(xlabel="smallest share of shower pixels", ylabel="share of events called 1e1p", ylim=(0, 1.02))
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    data: dict[str, Any] = {name: sorted(shares.tolist()) for name, shares in found.items()}
    return context.figure("clusters", "Events with a cluster above the cut", figure, data, note)
