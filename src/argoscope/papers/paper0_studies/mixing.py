"""Sections 6 and 7: what the planes know of one another, in the sparse network and in the dense one."""

from __future__ import annotations

from typing import Any

import numpy as np

from argoscope.analyses.cosmic_tagging import changes, report
from argoscope.papers import paper0_published as published
from argoscope.papers.charts import cell
from argoscope.papers.paper0_studies.rows import METRICS, metric_cells, metric_table
from argoscope.papers.paper0_studies.sizes import Sizes, reduced, sparse_recipe
from argoscope.papers.paper0_studies.tagging import Counted, counted, matrices
from argoscope.papers.paper0_studies.variants import REFERENCE, counted_runs
from argoscope.papers.samples import sample_file
from argoscope.papers.scan import trained
from argoscope.papers.study import Context, Section, Table

__all__ = ["find"]

BLOCKED = "cross-plane blocked"
CASES = {"mixed": True, "blocked": False}


def find(context: Context, sizes: Sizes) -> Section:
    """Train the sparse network mixed and blocked, each with every seed; take the dense ones from table 2."""
    found = {
        (case, seed): _counted(context, sizes, mixed, seed)
        for seed in sizes.seeds
        for case, mixed in CASES.items()
    }
    dense = {name: events for name, _, events in counted_runs(context, sizes, (REFERENCE, BLOCKED))}
    rows: dict[str, tuple[tuple[Any, ...], tuple[float | None, ...] | None]] = {
        f"sparse, {case}, seed {seed}": (_cells(events), None) for (case, seed), events in found.items()
    }
    labels = {REFERENCE: "dense, mixed", BLOCKED: "dense, blocked"}
    rows |= {labels[name]: (_cells(events), published.TABLE_2[name]) for name, events in dense.items()}
    return Section(
        "Sections 6 and 7: planes mixed or blocked",
        "The paper's network joins its planes at the deepest level; blocked, each plane is answered by itself, and the paper "
        "finds it worse. The sparse network mixes along the drift, which the planes share. Mixed and blocked see the same "
        "events in the same order; first weights and order change with the seed, which shows how much chance is in a training.",
        (
            metric_table("Metrics", rows, _note(sizes)),
            Table("Gain by mixing", ("", *METRICS.values(), "paper 0, mean IoU"), _gains(sizes, found, dense), _note(sizes)),
        ),
    )  # fmt: skip


def _counted(context: Context, sizes: Sizes, mixed: bool, seed: int) -> list[Counted]:
    run = trained(context, sparse_recipe(sizes, mixed=mixed, seed=seed))
    return counted(context, run.model(), sample_file(context, reduced(sizes, "test")))


def _cells(events: list[Counted]) -> tuple[Any, ...]:
    return metric_cells(report([event.counts for event in events])["paper"])


def _gains(
    sizes: Sizes, found: dict[tuple[str, int], list[Counted]], dense: dict[str, list[Counted]]
) -> tuple[tuple[Any, ...], ...]:
    """Mixed less blocked of the same events: of each seed, of all seeds together, of the dense network."""
    pairs = {
        f"sparse, seed {seed}": tuple(matrices(found[case, seed]) for case in ("blocked", "mixed"))
        for seed in sizes.seeds
    }
    # The planes of an event in all trainings count as planes of one event: trainings are no new events.
    every = (np.concatenate([pair[end] for pair in pairs.values()], axis=1) for end in (0, 1))
    pairs["sparse, all seeds"] = tuple(every)
    pairs["dense"] = (matrices(dense[BLOCKED]), matrices(dense[REFERENCE]))
    paper = published.TABLE_2[REFERENCE].mean_iou - published.TABLE_2[BLOCKED].mean_iou
    rows = []
    for name, (blocked, mixed) in pairs.items():
        gain = changes(blocked, mixed)
        rows.append((name, *(cell(gain[metric]) for metric in METRICS), paper if name == "dense" else None))
    return tuple(rows)


def _note(sizes: Sizes) -> str:
    return (
        f"{reduced(sizes, 'test').said()}, in the paper's convention. Sparse: {sizes.sparse_filters} filters, {sizes.sparse_depth} levels, "
        f"{sizes.sparse_steps} steps of {sizes.sparse_batch} of {sizes.train_events} events; dense: as in table 2. Intervals hold 68 %, "
        "over events."
    )
