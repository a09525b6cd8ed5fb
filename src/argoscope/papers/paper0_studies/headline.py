"""Table 2's first row: finished weights on whole events they have not seen, simulated and real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from argoscope.analyses.cosmic_tagging import CLASSICAL, report
from argoscope.display.cosmic_tagging_figures import draw_metrics
from argoscope.figures import bare_figure
from argoscope.models.weights import Model
from argoscope.papers import paper0_published as published
from argoscope.papers.finished import described, left_out
from argoscope.papers.paper0_studies.rows import INTERACTIONS, METRICS, Theirs, metric_cells, metric_table
from argoscope.papers.paper0_studies.sizes import Sizes, whole
from argoscope.papers.paper0_studies.subjects import DEFAULT, models_of
from argoscope.papers.paper0_studies.tagging import counted
from argoscope.papers.samples import sample_file
from argoscope.papers.study import Context, Figure, Section, Table

__all__ = ["find"]

CONVENTIONS = {"": None, ", strict": "strict", ", full resolution": "full_resolution"}
PLANES = {"0": "U", "1": "V", "2": "Y"}
TITLE = "Table 2: finished weights on whole events"


def find(context: Context, sizes: Sizes) -> Section:
    """Evaluate each finished model on the test sample, and on real files where they are given."""
    models = models_of(context)
    if not models:
        missing = left_out(TITLE, DEFAULT)
        rows = {f"{DEFAULT}: not in this installation": ((None,) * len(METRICS), None), **_papers()}
        return Section(missing.title, missing.text, (metric_table("Table 2, best rows", rows, ""),))
    samples = {f"{whole(sizes).said()}": sample_file(context, whole(sizes))}
    samples.update(
        {f"real events of {Path(name).name}": Path(name) for name in context.settings.get("data", [])}
    )
    tables: list[Table] = []
    figures: list[Figure] = []
    for model in models:
        for where, path in samples.items():
            found = report([event.counts for event in counted(context, model, path)])
            note = f"{described(model.card)} {where}. Intervals hold 68 %, over events."
            tables += [_table(model, found, note), _parts(model, found, note)]
            figures.append(_figure(context, model, path, found, note))
    return Section(
        TITLE,
        "Means over the planes of all events, in the paper's convention: images halved, an image with neither true nor "
        "predicted pixels of a class counts 1. Strict leaves such an image out; full resolution does not halve. Beside it what "
        "calling every pixel above 10 cosmic gives, and the paper's estimate for classical reconstruction.",
        tuple(tables),
        tuple(figures),
    )


def _papers() -> dict[str, tuple[tuple[Any, ...], Theirs | None]]:
    """The paper's reference and best networks, and its classical reference."""
    none = (None,) * len(METRICS)
    rows: dict[str, tuple[tuple[Any, ...], Theirs | None]] = {
        name: (none, published.TABLE_2[name]) for name in (next(iter(published.TABLE_2)), published.BEST)
    }
    classical = tuple(CLASSICAL.get(name) for name in METRICS)
    return {**rows, "classical reconstruction, estimated": (none, classical)}


def _table(model: Model, found: dict[str, Any], note: str) -> Table:
    rows: dict[str, tuple[tuple[Any, ...], Theirs | None]] = {}
    for name, block in (
        (model.card.name, found["paper"]),
        ("all above 10 cosmic", found["baseline_all_cosmic"]),
    ):
        source = found if name == model.card.name else block
        for label, convention in CONVENTIONS.items():
            rows[f"{name}{label}"] = (metric_cells(source[convention] if convention else block), None)
    return metric_table(f"{model.card.name}: table 2, best rows", {**rows, **_papers()}, note)


def _parts(model: Model, found: dict[str, Any], note: str) -> Table:
    """By plane and by interaction."""
    blocks = {f"plane {PLANES.get(key, key)}": block for key, block in found["by_plane"].items()}
    blocks.update(
        {
            f"{INTERACTIONS.get(kind, kind)}, {block['events']} events": block
            for kind, block in found["by_interaction"].items()
        }
    )
    rows = tuple((name, *metric_cells(block)) for name, block in blocks.items())
    return Table(f"{model.card.name}: by plane and interaction", ("", *METRICS.values()), rows, note)


def _figure(context: Context, model: Model, path: Path, found: dict[str, Any], note: str) -> Figure:
    figure = bare_figure(7.2, 4.2)
    draw_metrics(figure.subplots(), found)
    data = {name: found[name] for name in ("paper", "strict", "full_resolution", "baseline_all_cosmic")}
    name = f"headline-{model.card.name}-{path.stem}"
    return context.figure(name, f"{model.card.name}: metrics in each convention", figure, data, note)
