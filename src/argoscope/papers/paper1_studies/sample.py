"""Tables 2, 3 and section 3: what the simulated samples hold."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.instances import PAPER_1
from argoscope.analyses.statistics import mean
from argoscope.analyses.true_instances import interaction_classes, traits_of, true_instances
from argoscope.analyses.veto import RATIOS
from argoscope.events import ANCESTOR, Clusters, Image
from argoscope.figures import bare_figure
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.layouts import event_from_record
from argoscope.papers import paper1_published as published
from argoscope.papers.charts import COLOURS, cell
from argoscope.papers.paper1_studies.sizes import COLLECTION, PRESETS, Sizes, whole
from argoscope.papers.paper1_studies.veto_rows import WORDS
from argoscope.papers.samples import sample_file
from argoscope.papers.study import Context, Figure, Section, Table
from argoscope.simulation.image_measures import LEAST_PIXELS

__all__ = ["Counts", "counts_of", "find"]

EDGES = np.arange(0.0, 302.0, 2.0)
"""Of the histogram of charges, in PIU."""


class Counts(NamedTuple):
    """What is counted in an image.

    Parameters
    ----------
    share : float
        Of its pixels that are active.
    silent : float
        Share of an interaction's wires with much true energy that show nothing, a mean over interactions; not a number
        without any.
    any_pixel, counted : Counter
        Interactions by class: with any active pixel, and with at least 10.
    charges : ndarray, shape (bins,)
        Active pixels by charge.
    """

    share: float
    silent: float
    any_pixel: Counter[str]
    counted: Counter[str]
    charges: np.ndarray


def counts_of(image: Image, classes: np.ndarray, energies: Clusters | None = None) -> Counts:
    """Count the pixels and interactions of an image.

    Parameters
    ----------
    image : Image
        Active pixels with ancestor labels.
    classes : ndarray, shape (i,), int32
        Class of each interaction, of `interaction_classes`.
    energies : Clusters, optional
        Energy of each interaction in each pixel, those of dead wires too.
    """
    truth = true_instances(image, classes)
    names = [ANCESTOR.classes[number] for number in truth.classes]
    large = np.diff(truth.clusters.offsets) >= LEAST_PIXELS
    dead = traits_of(image, truth, energies).dead
    dead = dead[np.isfinite(dead)]
    return Counts(
        len(image) / float(np.prod(image.grid.shape)),
        float(dead.mean()) if len(dead) else float("nan"),
        Counter(names),
        Counter(name for name, kept in zip(names, large, strict=True) if kept),
        np.histogram(image.charge, EDGES)[0],
    )


def find(context: Context, sizes: Sizes) -> Section:
    """Count pixels, wires and interactions of the three samples."""
    found = {sample: _counted(context, sizes, sample) for sample in PRESETS}
    said = "; ".join(whole(sizes, sample).said() for sample in PRESETS)
    note = f"{said}. Intervals hold 68 %, over events."
    return Section(
        "Tables 2, 3 and section 3: the samples",
        "What the paper says of its images and interactions, beside ours. Its table 2 counts the interactions that its networks "
        f"were trained on, {published.EVENTS['train']:,} images of the sparse one; ours that of the test images. An interaction "
        "is all charge of one ancestor; pixels below 10 PIU are not there. An off-beam image has one of its cosmics moved into "
        "the beam's spill: such an event triggers. Table 3 is taken from the paper: only its data can tell how often it triggers.",
        (_images(found, note), _interactions(found["nue"], note), _ratios()),
        (_charges(context, found["nue"], note),),
    )


def _counted(context: Context, sizes: Sizes, sample: str) -> list[Counts]:
    counts = []
    with Larcv3File(sample_file(context, whole(sizes, sample))) as file:
        for index in range(len(file)):
            context.obey()
            record = file.record(index)
            event = event_from_record(record, file.header)
            neutrino = record[file.header.roles["neutrino"]]
            assert isinstance(neutrino, np.ndarray)
            classes = interaction_classes(event.particles, neutrino)
            (energies,) = record[file.header.roles["interaction"]]
            assert isinstance(energies, Clusters)
            counts.append(counts_of(event.image(COLLECTION), classes, energies))
    return counts


def _images(found: dict[str, list[Counts]], note: str) -> Table:
    """Numbers of an image, a column a sample."""
    numbers: dict[str, tuple[Any, float | None]] = {
        "share of active pixels": (lambda one: one.share, published.ACTIVE_SHARE),
        "share of an interaction's wires that show nothing": (lambda one: one.silent, published.DEAD_WIRES),
        "interactions with any active pixel": (
            lambda one: sum(one.any_pixel.values()),
            PAPER_1["interactions"]["true"],
        ),
        f"interactions with at least {LEAST_PIXELS}": (lambda one: sum(one.counted.values()), None),
    }
    rows = tuple(
        (
            words,
            *(cell(mean(np.array([value(one) for one in counts], dtype=float))) for counts in found.values()),
            theirs,
        )
        for words, (value, theirs) in numbers.items()
    )
    words = f"{note} The paper's shares are approximate; its second is of all wires."
    return Table("An image", ("", *WORDS.values(), "paper 1, nu_e"), rows, words)


def _interactions(counts: list[Counts], note: str) -> Table:
    """Interactions by class an image, and their shares."""
    theirs = {name: published.CLASSES[name].sparse for name in published.CLASSES}
    dense = sum(trained.dense for trained in published.CLASSES.values())
    total = sum(sum(one.any_pixel.values()) for one in counts)
    rows = []
    for name, trained in published.CLASSES.items():
        each = np.array([one.any_pixel[published.CLASS_OF[name]] for one in counts], dtype=float)
        large = np.array([one.counted[published.CLASS_OF[name]] for one in counts], dtype=float)
        sparse = theirs[name]
        rows.append(
            (
                name, cell(mean(each)), cell(mean(large)),
                None if sparse is None else sparse / published.EVENTS["train"],
                float(each.sum() / total) if total else None, trained.dense / dense,
            )
        )  # fmt: skip
    columns = (
        "class", "an image, any active pixel", f"an image, at least {LEAST_PIXELS}", "paper 1, sparse training",
        "share, any active pixel", "share, paper 1, dense training",
    )  # fmt: skip
    words = f"{note} The sparse network was trained on two classes; the crops of the dense one hold interactions several times."
    return Table("Table 2: interactions by class, nu_e", columns, tuple(rows), words)


def _ratios() -> Table:
    rows = tuple((WORDS[sample], f"{ratio:.3g}") for sample, ratio in RATIOS.items())
    return Table("Table 3: events for each off-beam event, before the veto", ("", "paper 1"), rows)


def _charges(context: Context, counts: list[Counts], note: str) -> Figure:
    figure = bare_figure(6.2, 3.6)
    axes = figure.subplots()
    total = np.sum([one.charges for one in counts], axis=0)
    axes.stairs(total / max(total.sum(), 1), EDGES, color=COLOURS[0], label="ours, all active pixels")
    axes.axvline(published.MIP_PEAK, color="0.4", linewidth=0.8, linestyle="--", label="paper 1's MIP, about")
    axes.set(xlabel="charge of a pixel (PIU)", ylabel="share of the pixels", xlim=(0, EDGES[-1]))
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    data = {"edges": EDGES.tolist(), "counts": total.tolist()}
    return context.figure("charges", "Charges of active pixels", figure, data, note)
