"""Ways to find interactions, measured on the same images: networks that the scans train, and DBSCAN alone.

Images of the scans are windows, whose file has labels and no table of
interactions: the truth is then that of the training, the owner of each pixel and
whether it is cosmic or of a neutrino.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from argoscope.analyses.instance_blocks import Rules
from argoscope.analyses.instances import Measured, dbscan_instances, measure, report
from argoscope.analyses.true_instances import active_part, traits_of
from argoscope.events import COSMIC, Event, Image
from argoscope.events.instances import Instances
from argoscope.inference.instances import find_instances
from argoscope.papers.paper1_studies.recipes import InstanceRecipe
from argoscope.papers.paper1_studies.sizes import COLLECTION, Sizes, cut_out
from argoscope.papers.samples import events_of, sample_file
from argoscope.papers.scan import trained
from argoscope.papers.study import Context
from argoscope.training.seed_targets import image_targets

__all__ = ["DBSCAN", "Found", "labelled_instances", "measured_recipes"]

DBSCAN = "DBSCAN alone"
"""The way that needs no network."""

Found = dict[str, Any]
"""Report of `argoscope.analyses.instances`, with ``seconds`` of the training."""


def measured_recipes(context: Context, sizes: Sizes, recipes: dict[str, InstanceRecipe]) -> dict[str, Found]:
    """Networks, trained if they are not, and DBSCAN alone, on the same test images.

    Parameters
    ----------
    context : Context
    sizes : Sizes
    recipes : dict of str to InstanceRecipe
        By what stands in tables.

    Returns
    -------
    dict of str to Found
        `DBSCAN` first.
    """
    found = {DBSCAN: {**_measured(context, sizes, DBSCAN, _clusters), "seconds": 0.0}}
    for name, recipe in recipes.items():
        run = trained(context, recipe)
        model = run.model()

        def find(event: Event, model: Any = model) -> Instances:
            (said,) = find_instances(model, event)
            return said

        found[name] = {**_measured(context, sizes, name, find), "seconds": run.seconds}
    return found


def labelled_instances(image: Image) -> Instances:
    """True interactions of an image from its labels alone, as a training takes them; small ones too.

    Parameters
    ----------
    image : Image
        With labels "ancestor" and "origin".
    """
    active = active_part(image)
    ancestor, origin = active.label("ancestor"), active.label("origin")
    targets = image_targets(ancestor.values, origin.values, active.charge, origin.labelled, least=1)
    sets = [active.ids[targets.member == number] for number in range(len(targets.classes))]
    return Instances.of_sets(image.grid, sets, targets.classes, [1.0] * len(sets), scheme=COSMIC)


def _clusters(event: Event) -> Instances:
    return dbscan_instances(event.image(COLLECTION))


def _measured(
    context: Context, sizes: Sizes, name: str, find: Callable[[Event], Instances]
) -> dict[str, Any]:
    path, rules = sample_file(context, cut_out(sizes, "test")), Rules()
    events: list[Measured] = []
    for number, event in enumerate(events_of(path, sizes.contest_events)):
        context.obey()
        context.report(f"measuring {name}", number, sizes.contest_events)
        image = event.image(COLLECTION)
        truth = labelled_instances(image)
        where = {"entry": number, **event.id._asdict()}
        events.append(measure(where, image, truth, traits_of(image, truth, None), find(event), rules=rules))
    return report(events, rules)
