"""Colours tell apart for every reader, on paper and on a dark screen.

Deficient vision is simulated with the matrices of Machado, Oliveira and
Fernandes, IEEE TVCG 15 (2009) 1291, table 1, severity 1.0, on linear RGB; the
distance is Euclidean in CIELAB (1976), white point D65.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from argoscope.display.difference import DIFFERENCE
from argoscope.display.layers import layers_of
from argoscope.display.page import DARK_GREY
from argoscope.display.palette import GREY, class_colour, colour_ramp, identifier_colour, rgb
from argoscope.display.scores import SCORE
from argoscope.events import (
    COSMIC,
    FIVE_CLASS,
    TRACK_SHOWER,
    Event,
    EventId,
    Grid,
    Image,
    LabelColumn,
    LabelScheme,
)
from argoscope.events.labels import SCHEMES

VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
LEAST_DISTANCE = 19.0  # about ten just-noticeable differences (2.3 each) between small patches
DARK = "#14161a"  # --paper of the dark theme, assets/page.css

schemes = pytest.mark.parametrize(
    "scheme", [*(s for s in SCHEMES.values() if s.classes), DIFFERENCE, SCORE], ids=lambda s: s.name
)


def linear(colour: tuple[int, int, int] | np.ndarray) -> np.ndarray:
    part = np.asarray(colour) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(colour: tuple[int, int, int] | np.ndarray, vision: str = "normal") -> np.ndarray:
    seen = np.clip(VISION[vision] @ linear(colour), 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    relative = to_xyz @ seen / np.array([0.95047, 1.0, 1.08883])
    f = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    light = sorted(0.05 + np.array([0.2126, 0.7152, 0.0722]) @ linear(rgb(c)) for c in (one, other))
    return float(light[1] / light[0])


@schemes
@pytest.mark.parametrize("vision", VISION)
def test_any_two_classes_of_a_scheme_tell_apart(scheme: LabelScheme, vision: str) -> None:
    colours = {name: class_colour(scheme, value) for value, name in enumerate(scheme.classes)}
    for one, other in combinations(colours, 2):
        distance = np.linalg.norm(lab(rgb(colours[one]), vision) - lab(rgb(colours[other]), vision))
        assert distance >= LEAST_DISTANCE, f"{one} and {other} are {distance:.1f} apart"


def seen_in_the_dark(scheme: LabelScheme) -> dict[str, str]:
    """Colour of each line of a legend on a dark screen, the one for what has no label too."""
    values = np.array([scheme.unlabelled, *range(len(scheme.classes))], dtype=np.int32)
    grid = Grid((1, len(values)))
    image = Image.from_points(grid, grid.coordinates(np.arange(len(values))), np.ones(len(values)))
    layers = layers_of(Event(EventId(), (image,)), {"called": (LabelColumn(values, scheme),)})
    return {entry.name: DARK_GREY if entry.background else entry.colour for entry in layers["called"].entries}


@schemes
@pytest.mark.parametrize("vision", VISION)
def test_the_grey_of_the_dark_tells_from_every_class(scheme: LabelScheme, vision: str) -> None:
    # A class that is grey itself, and pale ones besides, leave no room for a third grey.
    grey = {"other"} if scheme.name == "open-samples" else set()
    colours = seen_in_the_dark(scheme)
    assert DARK_GREY in colours.values()
    for name, colour in colours.items():
        distance = np.linalg.norm(lab(rgb(colour), vision) - lab(rgb(DARK_GREY), vision))
        assert colour == DARK_GREY or name in grey or distance >= LEAST_DISTANCE, (name, distance)


def test_a_mistake_has_no_colour_of_a_class_that_is_predicted() -> None:
    wrong = [class_colour(DIFFERENCE, DIFFERENCE.index(name)) for name in ("missed", "false", "confused")]
    for scheme in (FIVE_CLASS, TRACK_SHOWER, COSMIC):
        for value, name in enumerate(scheme.classes):
            for colour in wrong:
                distance = np.linalg.norm(lab(rgb(class_colour(scheme, value))) - lab(rgb(colour)))
                assert distance >= LEAST_DISTANCE, (scheme.name, name, colour)


def test_a_class_has_one_colour_in_all_schemes_of_predictions() -> None:
    for name, other in (("shower", "shower"), ("MIP", "track")):
        five, two = FIVE_CLASS.index(name), TRACK_SHOWER.index(other)
        assert class_colour(FIVE_CLASS, five) == class_colour(TRACK_SHOWER, two)


@pytest.mark.parametrize("vision", VISION)
def test_the_largest_particles_tell_apart(vision: str) -> None:
    seen = [lab(rgb(colour), vision) for colour in (*map(identifier_colour, range(8)), DARK_GREY)]
    for one, other in combinations(range(9), 2):
        # Eight hues cannot all be as far apart as classes are; 12 is five just-noticeable differences.
        assert np.linalg.norm(seen[one] - seen[other]) >= 12.0, (one, other)


@schemes
def test_every_class_shows_on_paper_and_in_the_dark(scheme: LabelScheme) -> None:
    for value in range(len(scheme.classes)):
        # Pale ones are outlined by neighbours; below 1.3 a single pixel is lost.
        assert contrast(class_colour(scheme, value), "#ffffff") >= 1.3, scheme.classes[value]
    for name, colour in seen_in_the_dark(scheme).items():
        assert contrast(colour, DARK) >= 1.8, name


def test_identifiers_have_different_colours_that_show() -> None:
    colours = [identifier_colour(rank) for rank in range(60)]
    assert len(set(colours)) == 60
    for colour in colours:
        assert contrast(colour, "#ffffff") >= 1.3, colour
        assert contrast(colour, DARK) >= 1.5, colour


def test_what_has_no_label_is_grey() -> None:
    for scheme in SCHEMES.values():
        assert class_colour(scheme, scheme.unlabelled) == GREY


@pytest.mark.parametrize(("dark", "sign"), [(False, -1), (True, 1)])
def test_more_charge_stands_out_more(dark: bool, sign: int) -> None:
    lightness = np.array([lab(colour)[0] for colour in colour_ramp(64, dark=dark)])
    assert (sign * np.diff(lightness) > 0).all()
    assert abs(lightness[-1] - lightness[0]) > 55
