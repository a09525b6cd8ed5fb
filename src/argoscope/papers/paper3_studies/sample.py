"""Table I and section II: what the simulated sample holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.statistics import Estimate, bootstrap, mean
from argoscope.events import FIVE_CLASS, Image
from argoscope.figures import bare_figure
from argoscope.papers import paper3_published as published
from argoscope.papers.charts import COLOURS, cell
from argoscope.papers.paper3_studies.sizes import COLLECTION, PLANES, Sizes, whole
from argoscope.papers.samples import SEEDS, events_of, sample_file
from argoscope.papers.study import Context, Figure, Section, Table
from argoscope.simulation.chain import simulation_named
from argoscope.simulation.records import Origin
from argoscope.simulation.streams import Stage, stream

__all__ = ["Counts", "charge_values", "counts_of", "find", "kinds_of"]

KINDS = {11: "e", 22: "photon", 13: "mu", 211: "pi", 2212: "p"}
"""Particles of table I by PDG code, of either charge."""
MIP = FIVE_CLASS.index("MIP")
EDGES = np.arange(0.0, 1001.0, 2.0)
"""Of the histogram of charges, in PIU; bins of 2 tell its top to about 1."""
TOP_FROM = 26.0
"""Where the top is looked for, in PIU: below, pixels at the edges of tracks pile up at the threshold (docs/physics)."""


class Counts(NamedTuple):
    """What is counted in an image.

    Parameters
    ----------
    above, seen : int
        Pixels of at least 10 PIU, and of 10 to 300 PIU.
    share : float
        Of the latter among all pixels of the image.
    classes : ndarray, shape (5,)
        Pixels that are seen, by class.
    mips : ndarray, shape (bins,)
        MIP pixels by charge.
    """

    above: int
    seen: int
    share: float
    classes: np.ndarray
    mips: np.ndarray


def find(context: Context, sizes: Sizes) -> Section:
    """Count pixels, classes, charges and generated particles."""
    test, neutrinos = (_counted(context, sizes, preset) for preset in ("paper3", "paper3-nue"))
    said = f"{whole(sizes).said()}. Intervals hold 68 %, over events."
    both = f"{whole(sizes).said()}; {whole(sizes, 'paper3-nue').said()}. Intervals hold 68 %, over events."
    return Section(
        "Table I and section II: the sample",
        f"What the paper says of its images, beside ours. Of its {published.EVENTS['test']:,} test images it gives orders of "
        "magnitude for the pixels of each class; they cannot be those of all whole planes, which with 0.5 % of their pixels "
        "would hold 4 x 10^8. Its pixel values of muons are most often near 40 PIU; our histogram is flat about there, so "
        "that the median says more.",
        (
            _pixels({"test": test, "nu_e over cosmics": neutrinos}, both),
            _classes(test, said),
            _charges(test[COLLECTION], said),
            _multiplicities(sizes, whole(sizes).said()),
        ),
        (_histogram(context, test, said),),
    )


def counts_of(image: Image) -> Counts:
    """Count the pixels of an image with semantic labels."""
    least, most = published.CHARGES
    seen = (image.charge >= least) & (image.charge <= most)
    values = image.label("semantic").values
    classes = np.bincount(values[seen], minlength=FIVE_CLASS.unlabelled + 1)[: len(FIVE_CLASS.classes)]
    return Counts(
        int((image.charge >= least).sum()),
        int(seen.sum()),
        float(seen.sum() / np.prod(image.grid.shape)),
        classes,
        np.histogram(image.charge[values == MIP], EDGES)[0],
    )


def _counted(context: Context, sizes: Sizes, preset: str) -> dict[int, list[Counts]]:
    """Counts of every event, by projection number."""
    found: dict[int, list[Counts]] = {plane: [] for plane in PLANES}
    for event in events_of(sample_file(context, whole(sizes, preset))):
        context.obey()
        for image in event.images:
            found[image.grid.projection].append(counts_of(image))
    return found


def _pixels(found: dict[str, dict[int, list[Counts]]], note: str) -> Table:
    rows = []
    for label, planes in found.items():
        for plane, counts in planes.items():
            numbers = [
                cell(mean(np.array([getattr(one, name) for one in counts], dtype=float)))
                for name in ("above", "seen", "share")
            ]
            rows.append((f"{label}, {PLANES[plane]}", *numbers, published.ACTIVE_SHARE))
    columns = ("", "from 10 PIU", "from 10 to 300 PIU", "share of the image", "paper 3, about")
    return Table("Active pixels an event", columns, tuple(rows), note)


def _classes(planes: dict[int, list[Counts]], note: str) -> Table:
    """Shares of the classes on each plane, and pixels an event of the collection plane beside the paper's order."""
    shares = {plane: _shares(np.array([one.classes for one in counts])) for plane, counts in planes.items()}
    collection = np.array([one.classes for one in planes[COLLECTION]], dtype=float)
    rows: list[tuple[Any, ...]] = []
    for number, name in enumerate(FIVE_CLASS.classes):
        low, high = (count / published.EVENTS["test"] for count in published.CLASS_PIXELS[name])
        paper = f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"
        rows.append(
            (
                name,
                *(cell(shares[plane][number]) for plane in PLANES),
                cell(mean(collection[:, number])),
                paper,
            )
        )
    columns = ("", *(f"share, {name}" for name in PLANES.values()), "pixels an event, Y", "paper 3, order")
    return Table("Classes of the labelled pixels", columns, tuple(rows), note)


def _shares(counts: np.ndarray) -> list[Estimate]:
    def of(times: np.ndarray) -> np.ndarray:
        sums: np.ndarray = times @ counts
        return sums / sums.sum(axis=1, keepdims=True)

    return bootstrap(of, len(counts))


def charge_values(histograms: np.ndarray) -> np.ndarray:
    """Most frequent value from `TOP_FROM` on, median and 99th percentile of some histograms.

    Parameters
    ----------
    histograms : ndarray, shape (n, bins)
        Bins are those of `EDGES`.

    Returns
    -------
    ndarray, shape (n, 3)
        In PIU; not a number where a histogram is empty.

    Examples
    --------
    >>> charge_values(np.histogram([39.0, 41.0, 41.0, 43.0, 90.0], EDGES)[0][None]).round().tolist()
    [[41.0, 42.0, 92.0]]
    """
    smooth = np.apply_along_axis(np.convolve, 1, histograms, np.ones(3), "same")
    peak = EDGES[np.where(EDGES[:-1] >= TOP_FROM, smooth, -1).argmax(axis=1)] + np.diff(EDGES)[0] / 2
    sums = np.cumsum(histograms, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = sums / sums[:, -1:]
    quantiles = [[np.interp(level, row, EDGES[1:]) for level in (0.5, 0.99)] for row in shares]
    values = np.column_stack([peak, np.array(quantiles).reshape(-1, 2)])
    return np.where(sums[:, -1:] > 0, values, np.nan)


def _charges(counts: list[Counts], note: str) -> Table:
    histograms = np.array([one.mips for one in counts], dtype=float)
    peak, median, most = bootstrap(lambda times: charge_values(times @ histograms), len(histograms))
    rows = (
        (f"most frequent from {TOP_FROM:.0f} on", cell(peak), published.MIP_PEAK),
        ("median", cell(median), None),
        ("largest; ours: 99 % lie below", cell(most), published.MUON_MOST),
    )
    return Table("Pixels of MIPs on the collection plane, PIU", ("", "ours", "paper 3, about"), rows, note)


def kinds_of(primaries: np.ndarray) -> Counter[str]:
    """How many particles of each kind of table I were generated.

    Parameters
    ----------
    primaries : ndarray, shape (p,), `PRIMARY_DTYPE`
    """
    cosmic = primaries["origin"] == Origin.COSMIC
    found = Counter(KINDS[abs(int(pdg))] for pdg in primaries["pdg"][~cosmic])
    return found + Counter({"all of these": int((~cosmic).sum()), "cosmic mu": int(cosmic.sum())})


def _multiplicities(sizes: Sizes, note: str) -> Table:
    """Particles of each event as the generator makes them; their number needs no transport."""
    seed = SEEDS[whole(sizes).use]
    generator = simulation_named("paper3", seed=seed).generator
    events: Sequence[Counter[str]] = [
        kinds_of(generator(stream(seed, number, Stage.GENERATOR)).primaries)
        for number in range(sizes.test_events)
    ]
    rows = []
    for name, (low, high) in published.MULTIPLICITIES.items():
        numbers = np.array([found[name] for found in events], dtype=float)
        ends = f"{numbers.min():.0f} to {numbers.max():.0f}"
        rows.append((name, cell(mean(numbers)), ends, f"{low} to {high}"))
    return Table("Table I: generated particles an event", ("", "mean", "ours", "paper 3"), tuple(rows), note)


def _histogram(context: Context, planes: dict[int, list[Counts]], note: str) -> Figure:
    figure = bare_figure(6.2, 3.6)
    axes = figure.subplots()
    data: dict[str, Any] = {"edges": EDGES.tolist()}
    for (plane, name), colour in zip(PLANES.items(), COLOURS, strict=False):
        counts = np.sum([one.mips for one in planes[plane]], axis=0)
        axes.stairs(counts / max(counts.sum(), 1), EDGES, color=colour, label=name)
        data[name] = counts.tolist()
    axes.axvline(published.MIP_PEAK, color="0.4", linewidth=0.8, linestyle="--", label="paper 3's peak")
    axes.set(
        xlabel="charge of a MIP pixel (PIU)", ylabel="share of the pixels", xlim=(0, published.CHARGES[1])
    )
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    return context.figure("mip-charges", "Charges of the pixels of MIPs", figure, data, note)
