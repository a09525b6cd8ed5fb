"""Two events in one: charge is conserved, labels follow their rule, clusters stay aligned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argoscope.errors import InvalidArgument
from argoscope.events import (
    COSMIC,
    FIVE_CLASS,
    IDENTIFIER,
    SHAPE,
    Event,
    EventId,
    Grid,
    Image,
    LabelColumn,
    empty_particles,
)
from argoscope.events.overlay import overlay
from argoscope.events.transforms import map_images

MakeEvent = Callable[..., Event]
seeds = st.integers(0, 2**18)


def one_pixel(charge: float, **labels: tuple[int, object]) -> Event:
    """An event with one pixel."""
    columns = {kind: LabelColumn(np.array([value]), scheme) for kind, (value, scheme) in labels.items()}  # type: ignore[arg-type]
    return Event(EventId(), (Image(Grid((4, 4)), np.array([[1, 2]]), np.array([charge]), columns),))


@given(seed=seeds, other=seeds)
def test_charge_adds_on_every_pixel(make_event: MakeEvent, seed: int, other: int) -> None:
    first, second = make_event(seed), make_event(other)
    both = overlay(first, second)
    for a, b, made in zip(first.images, second.images, both.images, strict=True):
        np.testing.assert_array_equal(made.dense().pixels, a.dense().pixels + b.dense().pixels)
        assert set(made.ids) == {*a.ids, *b.ids}
    assert both.id == first.id


@given(seed=seeds)
def test_an_empty_event_changes_nothing(make_event: MakeEvent, seed: int) -> None:
    event = make_event(seed)
    nothing = map_images(event, lambda image: Image(image.grid, image.coordinates[:0], image.charge[:0]))
    assert overlay(event, nothing) == event
    assert overlay(nothing, event) == event


@given(
    seed=seeds, other=seeds, rule=st.sampled_from(["larger-charge", "first", "second", "highest", "lowest"])
)
def test_labels_are_those_of_the_scalar_rule(make_event: MakeEvent, seed: int, other: int, rule: str) -> None:
    first, second = make_event(seed), make_event(other)
    both = overlay(first, second, {"semantic": rule})  # type: ignore[dict-item]
    for a, b, made in zip(first.images, second.images, both.images, strict=True):
        mine, theirs = (
            {
                int(i): (float(q), int(v))
                for i, q, v in zip(x.ids, x.charge, x.labels["semantic"].values, strict=True)
            }
            for x in (a, b)
        )
        expected = [slow_label(mine.get(int(i)), theirs.get(int(i)), rule) for i in made.ids]
        assert made.labels["semantic"].values.tolist() == expected


def slow_label(mine: tuple[float, int] | None, theirs: tuple[float, int] | None, rule: str) -> int:
    """The label of one pixel, from (charge, label) of each event that has it."""
    if mine is None or theirs is None:
        present = mine or theirs
        assert present is not None
        return present[1]
    if rule == "larger-charge":
        return theirs[1] if theirs[0] > mine[0] else mine[1]
    labelled = [label for label in (mine[1], theirs[1]) if label != FIVE_CLASS.unlabelled]
    if not labelled:
        return FIVE_CLASS.unlabelled
    choose = {"first": lambda v: v[0], "second": lambda v: v[-1], "highest": max, "lowest": min}[rule]
    return int(choose(labelled))


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"), [(1, 2, 2), (2, 1, 2), (0, 1, 1), (-1, 0, 0), (1, -1, 1), (-1, -1, -1)]
)
def test_neutrino_goes_over_cosmic_over_background(mine: int, theirs: int, expected: int) -> None:
    both = overlay(one_pixel(100.0, origin=(mine, COSMIC)), one_pixel(1.0, origin=(theirs, COSMIC)))
    assert both.images[0].labels["origin"].values.tolist() == [expected]


def test_the_first_wins_equal_charges() -> None:
    both = overlay(one_pixel(5.0, semantic=(1, FIVE_CLASS)), one_pixel(5.0, semantic=(4, FIVE_CLASS)))
    assert both.images[0].labels["semantic"].values.tolist() == [1]


def test_hidden_cosmics_stay_unlabelled_where_they_have_more_charge() -> None:
    """Paper 3's beam-off data: no label wins like any other under "larger-charge", loses under "first"."""
    cosmic, neutrino = one_pixel(50.0), one_pixel(20.0, semantic=(2, FIVE_CLASS))
    assert overlay(cosmic, neutrino).images[0].labels["semantic"].values.tolist() == [FIVE_CLASS.unlabelled]
    labelled = overlay(cosmic, neutrino, {"semantic": "first"})
    assert labelled.images[0].labels["semantic"].values.tolist() == [2]


@given(seed=seeds, other=seeds, clusters=st.integers(0, 5))
def test_clusters_and_instances_keep_their_slots(
    make_event: MakeEvent, seed: int, other: int, clusters: int
) -> None:
    first, second = make_event(seed, clusters=max(clusters, 1)), make_event(other)
    both = overlay(first, second)
    slots = max(clusters, 1)
    for a, b, made in zip(first.images, second.images, both.images, strict=True):
        assert a.truth is not None
        assert b.truth is not None
        assert made.truth is not None
        assert len(made.truth) == slots + 4
        assert made.truth.numbers.tolist() == list(range(slots + 4))
        for k in range(slots):
            assert made.truth.cluster(k) == a.truth.cluster(k)
        for k in range(4):
            assert made.truth.cluster(slots + k) == b.truth.cluster(k)
        alone = ~np.isin(made.ids, a.ids)
        theirs = b.labels["instance"].values[~np.isin(b.ids, a.ids)]
        np.testing.assert_array_equal(
            made.labels["instance"].values[alone], np.where(theirs >= 0, theirs + slots, theirs)
        )


def test_planes_without_truth_get_empty_clusters(make_event: MakeEvent) -> None:
    first, second = make_event(1), make_event(2)
    partly = replace(first, images=(replace(first.images[0], truth=None), *first.images[1:]))
    made = overlay(partly, second).images
    assert [len(image.truth) for image in made if image.truth is not None] == [8, 8, 8]
    assert made[0].truth is not None
    assert made[0].truth.offsets[:5].tolist() == [0] * 5
    none = map_images(first, lambda image: replace(image, truth=None))
    assert all(image.truth is None for image in overlay(none, none).images)


def test_instances_of_a_larger_number_than_clusters() -> None:
    both = overlay(one_pixel(1.0, instance=(70, IDENTIFIER)), one_pixel(2.0, instance=(3, IDENTIFIER)))
    assert both.images[0].labels["instance"].values.tolist() == [74]
    with pytest.raises(InvalidArgument, match="do not fit into 32 bits"):
        overlay(one_pixel(1.0, instance=(2**31 - 2, IDENTIFIER)), one_pixel(2.0, instance=(3, IDENTIFIER)))


def test_instances_stay_aligned_with_clusters_that_no_label_names(make_event: MakeEvent) -> None:
    first = map_images(
        make_event(1, clusters=6),
        lambda image: image.with_labels(
            instance=LabelColumn(np.zeros(len(image), dtype=np.int32), IDENTIFIER)
        ),
    )
    second = map_images(
        make_event(2),
        lambda image: image.with_labels(instance=LabelColumn(np.full(len(image), 3), IDENTIFIER)),
    )
    values = {int(v) for image in overlay(first, second).images for v in image.labels["instance"].values}
    assert values == {0, 9}


def test_particles_stand_one_after_the_other(make_event: MakeEvent) -> None:
    tables = [empty_particles(2), empty_particles(3)]
    for number, table in enumerate(tables):
        table["trackid"] = 10 * number + np.arange(len(table))
    events = [replace(make_event(n), particles=table) for n, table in enumerate(tables)]
    assert overlay(*events).particles["trackid"].tolist() == [0, 1, 10, 11, 12]


def test_volumes(make_image: Callable[..., Image]) -> None:
    first, second = (Event(EventId(), (make_image(seed, (4, 4, 4)),)) for seed in (1, 2))
    made = overlay(first, second).images[0].dense().pixels
    np.testing.assert_array_equal(made, first.images[0].dense().pixels + second.images[0].dense().pixels)


def test_what_does_not_fit(make_event: MakeEvent) -> None:
    event = make_event(1)
    with pytest.raises(
        InvalidArgument, match="charge_unit must be the same in both events; it is 'ADC' and 'MeV'"
    ):
        overlay(event, replace(event, charge_unit="MeV"))
    with pytest.raises(InvalidArgument, match="both events must have the same images"):
        overlay(event, replace(event, images=event.images[:2]))
    with pytest.raises(InvalidArgument, match=r"rules\['semantic'\] \(='best'\) must be one of"):
        overlay(event, event, {"semantic": "best"})  # type: ignore[dict-item]
    with pytest.raises(InvalidArgument, match="are in the schemes 'five-class' and 'shape'"):
        overlay(one_pixel(1.0, semantic=(1, FIVE_CLASS)), one_pixel(1.0, semantic=(1, SHAPE)))
    uneven = replace(event, images=(event.images[0], event.images[1], make_event(1, clusters=2).images[2]))
    with pytest.raises(InvalidArgument, match=r"have \[2, 4\] clusters; they must have as many"):
        overlay(uneven, event)


def test_a_misspelt_kind_is_no_rule(make_event: Callable[..., Event]) -> None:
    with pytest.raises(InvalidArgument, match=r"no label kind 'semantics'. Did you mean 'semantic'"):
        overlay(make_event(1), make_event(2), {"semantics": "first"})
