"""Finished models in a reproduction: those that were named, or the one that ships with the package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from argoscope.models.builders import resolved
from argoscope.models.cards import Card, read_card, shipped_models
from argoscope.models.weights import Model, load_model
from argoscope.papers.charts import learning_curves
from argoscope.papers.scan import Recipe, checks_of
from argoscope.papers.study import Context, Figure, Section

__all__ = ["described", "finished_models", "left_out", "network_said", "started_from", "training_curve"]


def finished_models(context: Context, default: str, *, dimensions: int) -> list[Model]:
    """The models that were asked for, or the default if the package has it; those for such images.

    Parameters
    ----------
    context : Context
        Its setting ``models`` has names and paths.
    default : str
        Name of the shipped model.
    dimensions : int
        Of the images.
    """
    shipped = shipped_models()
    names = context.settings.get("models") or ([shipped[default]] if default in shipped else [])
    return [model for model in map(load_model, names) if model.card.network.get("dimensions") == dimensions]


def left_out(title: str, default: str) -> Section:
    """The section of a study that needs a finished model where there is none."""
    return Section(
        title,
        f"Left out: this installation has no model {default!r}, and none was named. Train one with\n\nargoscope train "
        f"configs/{default}.yaml -o runs/{default}\n\nand name it with --model runs/{default}.",
    )


def described(card: Card) -> str:
    """A model in a sentence: its size, its training, with that of the model it started from.

    Examples
    --------
    >>> from argoscope.models.preparation import Preparation
    >>> network = {"depth": 5, "filters": 16}
    >>> first = {"training": {"steps": 4, "batch": 8, "hours": 0.5}}
    >>> training = {"steps": 9, "batch": 2, "hours": 1.5, "loss": {"weighting": "inverse"}, "origin": first}
    >>> described(Card(name="a", task="five-class", network=network, preparation=Preparation(), scheme="five-class",
    ...                charge_unit="PIU", training=training))
    'a: 5-16, 4 steps of 8 events, then 9 steps of 2 events, 2.0 h, regular labels, weighting inverse.'
    """
    steps = ", then ".join(
        f"{phase.get('steps')} steps of {phase.get('batch')} events" for phase in card.phases
    )
    hours = sum(phase.get("hours", 0.0) for phase in card.phases)
    return (
        f"{card.name}: {card.network.get('depth')}-{card.network.get('filters')}, {steps}, {hours:.1f} h, "
        f"{card.preparation.truth} labels, weighting {card.training.get('loss', {}).get('weighting', 'none')}."
    )


def started_from(recipe: Recipe, name: str) -> Recipe:
    """The same training from the weights of a shipped model, with its network; as it is where there is none.

    Few steps teach a network nothing of rare classes; a network that knows them shows what a training changes.

    Parameters
    ----------
    recipe : Recipe
    name : str
        Of the shipped model; empty: none.

    """
    shipped = shipped_models()
    if name not in shipped:
        return recipe
    return replace(recipe, init=str(shipped[name]), network=dict(read_card(shipped[name])[0].network))


def network_said(recipe: Recipe) -> str:
    """The network of a training and what it starts from, for a note.

    Examples
    --------
    >>> from argoscope.papers.samples import Sample
    >>> sample = Sample(preset="cube-192", use="train", events=1)
    >>> recipe = Recipe(network={"extends": "paper4"}, train=sample, validation=sample, steps=1, batch=1)
    >>> network_said(recipe), network_said(replace(recipe, init="shipped/five-class-3d.json"))
    ('5-16', '5-16 from the weights of five-class-3d')
    """
    net = resolved(recipe.network)
    start = f" from the weights of {Path(recipe.init).stem}" if recipe.init else ""
    return f"{net['depth']}-{net['filters']}{start}"


def training_curve(context: Context, model: Model) -> Figure | None:
    """Learning curve of a model whose run is still beside its weights; None elsewhere."""
    checks = checks_of(model.path.parent) or checks_of(model.path.parent.parent)
    if not checks:
        return None
    name = model.card.name
    return learning_curves(
        context,
        f"headline-{name}",
        f"Training of {name}",
        {name: checks},
        note="On its own validation sample.",
    )
