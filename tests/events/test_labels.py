"""Label schemes: the numbers of the papers and files, and the ways between them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argoscope.errors import InvalidArgument
from argoscope.events import (
    ANCESTOR,
    COSMIC,
    FIVE_CLASS,
    IDENTIFIER,
    OPEN_SAMPLES,
    SHAPE,
    TRACK_SHOWER,
    convert_labels,
)
from argoscope.events.labels import CONVERSIONS, SCHEMES, five_class_from_shape, scheme_named

# Re-typed from the table of schemes found in the files and codes of the field.
TABLE = {
    "five-class": ["HIP", "MIP", "shower", "delta", "Michel"],
    "shape": ["shower", "track", "Michel", "delta", "LED", "ghost"],
    "track-shower": ["background", "shower", "track"],
    "cosmic": ["background", "cosmic", "neutrino"],
    "ancestor": ["background", "cosmic", "neutron", "proton", "electron", "neutrino", "other"],
    "open-samples": ["pion", "muon", "kaon", "proton", "electron", "Michel", "delta", "other", "photon"],
    "particle": ["electron", "photon", "muon", "pion", "proton"],
    "identifier": [],
}


@pytest.mark.parametrize("name", sorted(TABLE))
def test_numbers_of_the_classes(name: str) -> None:
    assert list(SCHEMES[name].classes) == TABLE[name]
    assert set(SCHEMES) == set(TABLE)
    assert scheme_named(name) is SCHEMES[name]


def test_larcv_unknowns_are_unlabelled() -> None:
    assert (FIVE_CLASS.unlabelled, SHAPE.unlabelled) == (5, 6)


def test_unknown_names_get_the_nearest() -> None:
    with pytest.raises(InvalidArgument, match="Did you mean 'five-class'"):
        scheme_named("five-clas")
    with pytest.raises(
        InvalidArgument, match=r"the scheme 'five-class' has no class 'Michell'. Did you mean 'Michel'"
    ):
        FIVE_CLASS.index("Michell")


@pytest.mark.parametrize(
    ("values", "bad"),
    [
        ([0, 6], 6),
        ([-1], -1),
        ([0.5], 0.5),
        ([float("nan")], "nan"),
        ([2**40], 2**40),
        ([float("inf")], "inf"),
    ],
)
def test_values_that_mean_nothing(values: list[float], bad: object) -> None:
    with pytest.raises(
        InvalidArgument,
        match=f"label {bad} .*row {len(values) - 1}.* means nothing in the scheme 'five-class'",
    ):
        FIVE_CLASS.require_valid(np.array(values))


def test_whole_floats_are_taken() -> None:
    values = FIVE_CLASS.require_valid(np.array([0.0, 5.0], dtype=np.float32))
    assert (values.dtype, values.tolist()) == (np.int32, [0, 5])
    assert IDENTIFIER.require_valid(np.array([-7, 12345])).tolist() == [-7, 12345]


@pytest.mark.parametrize("pair", sorted(CONVERSIONS))
def test_every_conversion_is_complete(pair: tuple[str, str]) -> None:
    conversion = CONVERSIONS[pair]
    assert set(conversion.mapping) == set(conversion.source.classes)
    assert {c for c in conversion.mapping.values() if c is not None} <= set(conversion.target.classes)
    values = np.arange(len(conversion.source.classes))
    out = convert_labels(values, conversion.source, conversion.target, allow_lossy=True)
    for value, made in zip(conversion.source.classes, out, strict=True):
        wanted = conversion.mapping[value]
        assert made == (conversion.target.unlabelled if wanted is None else conversion.target.index(wanted))
    nothing = np.array([conversion.source.unlabelled])
    assert convert_labels(nothing, conversion.source, conversion.target, allow_lossy=True).tolist() == [
        conversion.target.unlabelled
    ]


def test_papers_two_classes() -> None:
    """Papers 2 and 3: track is HIP and MIP, shower is shower, delta and Michel."""
    made = convert_labels(np.arange(5), FIVE_CLASS, TRACK_SHOWER, allow_lossy=True)
    assert [TRACK_SHOWER.classes[c] for c in made] == ["track", "track", "shower", "shower", "shower"]


def test_lossy_conversions_must_be_asked_for() -> None:
    assert all(conversion.lossy for conversion in CONVERSIONS.values())  # all that we know merge or drop
    with pytest.raises(InvalidArgument, match="'five-class-to-shape' merges or drops classes"):
        convert_labels(np.array([0]), FIVE_CLASS, SHAPE)


def test_unknown_conversions() -> None:
    with pytest.raises(
        InvalidArgument, match=r"cannot be converted from 'shape' to 'five-class'.*five_class_from_shape"
    ):
        convert_labels(np.array([0]), SHAPE, FIVE_CLASS, allow_lossy=True)
    with pytest.raises(InvalidArgument, match="means nothing"):
        convert_labels(np.array([9]), ANCESTOR, COSMIC, allow_lossy=True)


@given(values=st.lists(st.integers(0, 5), max_size=30))
def test_the_same_scheme_is_the_identity(values: list[int]) -> None:
    assert convert_labels(np.array(values, dtype=np.int32), FIVE_CLASS, FIVE_CLASS).tolist() == values


def test_shape_and_particle_give_five_classes() -> None:
    shape = [
        SHAPE.index(c) for c in ("track", "track", "track", "shower", "Michel", "delta", "LED", "ghost")
    ] + [6]
    pdg = [2212, -2212, 211, 22, -11, 11, 11, 0, 13]
    made = five_class_from_shape(np.array(shape), np.array(pdg))
    names = [*FIVE_CLASS.classes, "none"]
    assert [names[c] for c in made] == [
        "HIP",
        "HIP",
        "MIP",
        "shower",
        "Michel",
        "delta",
        "none",
        "none",
        "none",
    ]


def test_open_samples_protons_are_heavily_ionizing() -> None:
    made = convert_labels(np.array([3, 1, 7, -1]), OPEN_SAMPLES, FIVE_CLASS, allow_lossy=True)
    assert made.tolist() == [0, 1, 5, 5]
