"""Colours: of charge, of classes and of particles, for every reader.

Classes start from the colours of Okabe and Ito and keep one meaning over all
schemes where they can: blue is what runs (muon, MIP, cosmic), red-orange what
is rare and wanted (proton, HIP, neutrino), green showers, wine Michel
electrons, yellow deltas, grey what is neither. Lightness differs besides hue,
so that any two classes of a scheme differ by at least 19 in CIELAB for readers
with deuteranopia or protanopia too; a test computes this. Mistakes have colours
that no predicted class has.

Charge runs along viridis, from its light end (little) to its dark one (much)
on white paper, the other way round on a dark screen: the strongest charge
always stands out most.

References
----------
Okabe and Ito, Color Universal Design (2008). Viridis: van der Walt and Smith,
matplotlib (CC0).
"""

from __future__ import annotations

import colorsys

import numpy as np

from argoscope.events import LabelScheme

__all__ = ["CHARGE_ANCHORS", "GREY", "class_colour", "colour_ramp", "identifier_colour", "rgb"]

GREY = "#9b9b9b"
"""Background, and everything without a label."""

_VIOLET, _LIME, _MAGENTA = "#8030f9", "#80d000", "#d000c0"
"""Of what is wrong or unsure."""
_BLUE, _RED, _GREEN, _YELLOW, _WINE, _SKY = "#0072b2", "#d5480c", "#3fc296", "#e6b800", "#8f1c5f", "#8fd3ff"

_CLASSES: dict[str, dict[str, str]] = {
    "five-class": {"HIP": _RED, "MIP": _BLUE, "shower": _GREEN, "delta": _YELLOW, "Michel": _WINE},
    "shape": {
        "shower": _GREEN, "track": _BLUE, "Michel": _WINE, "delta": _YELLOW, "LED": _SKY, "ghost": "#7d6a55",
    },
    # Some readers see this green as grey: background is lighter here.
    "track-shower": {"background": "#e0e0e0", "shower": _GREEN, "track": _BLUE},
    "cosmic": {"background": GREY, "cosmic": _BLUE, "neutrino": "#e8590c"},
    "ancestor": {
        "background": GREY, "cosmic": _BLUE, "neutron": _SKY, "proton": _YELLOW,
        "electron": "#22e09a", "neutrino": "#e8590c", "other": _WINE,
    },
    # What is right stands back, mistakes stand out.
    "difference": {
        "background": GREY, "right": _SKY, "missed": _VIOLET, "false": _LIME, "confused": _MAGENTA,
    },
    # As with mistakes: what is sure stands back.
    "score": {
        "below 0.5": _MAGENTA, "0.5 to 0.7": _VIOLET, "0.7 to 0.9": _LIME, "0.9 to 0.99": _SKY, "0.99 to 1": GREY,
    },
    "particle": {
        "electron": "#22e09a", "photon": "#ffc4e4", "muon": "#0059b8", "pion": "#4fb4f0", "proton": "#e8590c",
    },
    "open-samples": {
        "pion": "#4fb4f0", "muon": "#0059b8", "kaon": "#4d4a10", "proton": "#e8590c", "electron": "#22e09a",
        "Michel": _WINE, "delta": "#ffd400", "other": "#838383", "photon": "#ffc4e4",
    },
}  # fmt: skip

_FIRST_IDENTIFIERS = (_BLUE, "#e8590c", _GREEN, _WINE, _YELLOW, "#6ec3f4", "#4d4a10", "#f490c8")
"""The largest particles of an event: eight colours that all tell apart."""

CHARGE_ANCHORS = (
    "#d5dc5a", "#addc30", "#5ec962", "#28ae80", "#21918c", "#2c728e", "#3b528b", "#472d7b", "#440154",
)  # fmt: skip
"""Viridis from little to much, on white; the palest end is left out, white paper would hide it."""


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255.

    Examples
    --------
    >>> rgb("#ff8000")
    (255, 128, 0)
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def class_colour(scheme: LabelScheme, value: int) -> str:
    """Colour of a class; grey for what has no label.

    Parameters
    ----------
    scheme : LabelScheme
    value : int
        A class of the scheme, or its `unlabelled`.

    Examples
    --------
    >>> from argoscope.events import COSMIC
    >>> class_colour(COSMIC, 1), class_colour(COSMIC, -1)
    ('#0072b2', '#9b9b9b')
    """
    if value == scheme.unlabelled or not 0 <= value < len(scheme.classes):
        return GREY
    return _CLASSES.get(scheme.name, {}).get(scheme.classes[value]) or identifier_colour(value)


def identifier_colour(rank: int) -> str:
    """Colour of the particle with this rank, 0 for the largest.

    The first eight tell apart for every reader. Later ones step around the
    hues by the golden angle, on alternating lightness; no two of them are
    equal, but among dozens neighbours in the list differ most.

    Examples
    --------
    >>> identifier_colour(0)
    '#0072b2'
    """
    if rank < len(_FIRST_IDENTIFIERS):
        return _FIRST_IDENTIFIERS[rank]
    hue = (rank * 0.6180339887 + 0.1) % 1.0  # the golden ratio spreads any number of hues evenly
    lightness = (0.46, 0.66, 0.56)[rank % 3]
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, 0.62)
    return "#" + "".join(f"{round(255 * part):02x}" for part in (red, green, blue))


def colour_ramp(steps: int = 256, *, dark: bool = False) -> np.ndarray:
    """Colours of charge, from the least to the most.

    Parameters
    ----------
    steps : int
        Number of colours.
    dark : bool
        For a dark background.

    Returns
    -------
    ndarray, shape (steps, 3), uint8

    Examples
    --------
    >>> colour_ramp(3).tolist()
    [[213, 220, 90], [33, 145, 140], [68, 1, 84]]
    """
    anchors = np.array([rgb(colour) for colour in CHARGE_ANCHORS], dtype=np.float64)
    if dark:
        # The darkest end would vanish on a dark screen, as the palest does on paper.
        anchors = np.concatenate([anchors[::-1][1:], [rgb("#fde725")]])
    at = np.linspace(0, len(anchors) - 1, steps)
    channels = [np.interp(at, np.arange(len(anchors)), anchors[:, channel]) for channel in range(3)]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)
