"""Section VII: Michel electrons found by finished weights; table VI, figures 14 and 15."""

from __future__ import annotations

from typing import Any

from argoscope.analyses.michel import MichelRules
from argoscope.analyses.michel_report import LEAST_PIXELS, MichelTally, michel_report
from argoscope.display.michel_figures import draw_pixels, draw_spectrum
from argoscope.figures import bare_figure
from argoscope.models.preparation import with_truth
from argoscope.models.weights import Model
from argoscope.papers import paper4_published as published
from argoscope.papers.evaluation import answers
from argoscope.papers.finished import described, left_out
from argoscope.papers.paper4_studies.headline import DEFAULT, models_of
from argoscope.papers.paper4_studies.sizes import Sizes, sample_of
from argoscope.papers.samples import Sample, events_of, sample_file
from argoscope.papers.study import Context, Figure, Section, Table

__all__ = ["find"]

SIDES = (512, 192)
"""Images in which electrons are looked for; the paper has 512 px."""
NUMBERS = {
    "id_purity": "ID purity",
    "id_efficiency": "ID efficiency",
    "cluster_efficiency": "cluster efficiency",
    "cluster_purity": "cluster purity",
}
ENERGIES = {
    "scale": "energy found / true, median",
    "width": "half of its middle 68 %",
    "endpoint": "endpoint of candidates, MeV",
    "true_endpoint": "endpoint of true clusters, MeV",
    "own_share": "share of the electron itself in a true cluster",
    "kept": "its ionization / its kinetic energy",
}


def find(context: Context, sizes: Sizes) -> Section:
    """Find Michel electrons in the test samples, by both readings of "attached"."""
    title = "Section VII: Michel electrons"
    models = models_of(context)
    if not models:
        return left_out(title, DEFAULT)
    tables: list[Table] = []
    figures: list[Figure] = []
    for place, events in sizes.headline:
        if place.side in SIDES or place.window:
            sample = sample_of(sizes, place, "test", events)
            note = f"{described(models[0].card)} {sample.said()}, relabelled truth. Intervals hold 68 %."
            found = _found(context, models[0], sample)
            tables += [_table6(place.side, found, note), _energies(place.side, found["reach"], note)]
            figures += _figures(context, place.side, found["reach"], note)
    return Section(
        title,
        "Clusters of voxels called Michel at the end of a cluster of voxels called MIP (DBSCAN, eps 2.8, at least 5 and 10 "
        'voxels). "Attached" is read as the paper\'s program does, less than sqrt(8) voxels apart, and as its text does, no '
        "voxel between. The endpoint of muon decay is 52.3 MeV of kinetic energy; of it a true cluster lacks what the "
        "electron radiates and has what the muon leaves in shared voxels.",
        tuple(tables),
        tuple(figures),
    )


def _found(context: Context, model: Model, sample: Sample) -> dict[str, dict[str, Any]]:
    """Reports of a sample by the reading of "attached"."""
    tallies = {"reach": MichelTally(), "step": MichelTally(MichelRules(attached="step"))}
    for answer in answers(model, events_of(sample_file(context, sample))):
        context.obey()
        event = with_truth(answer.event, "relabelled")
        for tally in tallies.values():
            tally.add_event(event.images, [answer.labels], event.particles)
    return {name: michel_report(tally) for name, tally in tallies.items()}


def _cell(number: dict[str, Any]) -> tuple[Any, ...]:
    return number["value"], number["low"], number["high"]


def _table6(side: int, found: dict[str, dict[str, Any]], note: str) -> Table:
    """Ours beside the paper's table VI, with and without the cut."""
    blocks = [
        (cut, block)
        for cut in (0, LEAST_PIXELS)
        for block in (found[name] if cut == 0 else found[name][f"min_{cut}_pixels"] for name in found)
    ]
    rows: list[tuple[Any, ...]] = []
    for name, words in NUMBERS.items():
        rows.append((words, *_beside(blocks, lambda block, key=name: _cell(block[key]), name)))
    rows.append(
        ("both cluster figures above 95 %", *(_cell(block["both_above_95"]) for _, block in blocks[:2]),
         published.MICHEL_BOTH, *(_cell(block["both_above_95"]) for _, block in blocks[2:]), None)
    )  # fmt: skip
    counts = ("true", "candidates", "matched")
    rows += [
        (f"{name}, number", *_beside(blocks, lambda block, key=name: block["counts"][key], name))
        for name in counts
    ]
    heads = [
        *("ours, attached < sqrt(8)", "ours, one step", "table VI"),
        *("at least 10 px", "one step, 10 px", "table VI, 10 px"),
    ]
    return Table(f"{side} px: Michel electrons", ("", *heads), tuple(rows), note)


def _beside(blocks: list[tuple[int, dict[str, Any]]], of: Any, name: str) -> list[Any]:
    """A row: both readings and the paper's number, without and with the cut."""
    cells: list[Any] = []
    for cut in (0, LEAST_PIXELS):
        cells += [of(block) for least, block in blocks if least == cut]
        cells.append(published.MICHEL[cut].get(name))
    return cells


def _energies(side: int, found: dict[str, Any], note: str) -> Table:
    rows = tuple((words, _cell(found["spectrum"][name])) for name, words in ENERGIES.items())
    return Table(f"{side} px: energies", ("", "ours"), rows, note)


def _figures(context: Context, side: int, found: dict[str, Any], note: str) -> list[Figure]:
    pixels, spectrum = bare_figure(5.2, 4.4), bare_figure(6.2, 4.0)
    draw_pixels(pixels.subplots(), found["clusters"])
    draw_spectrum(spectrum.subplots(), found)
    energies = {name: found[name] for name in ("clusters", "candidates", "true", "spectrum")}
    return [
        context.figure(
            f"figure14-{side}",
            f"Figure 14, {side} px: pixels found and true",
            pixels,
            found["clusters"],
            note,
        ),
        context.figure(f"figure15-{side}", f"Figure 15, {side} px: energies", spectrum, energies, note),
    ]
