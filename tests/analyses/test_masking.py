"""Pieces of a muon and its electron, pixel by pixel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from argoscope.analyses.masking import Piece, particle_masks, rows_of_particle, stopping_masks, stopping_pair
from argoscope.analyses.michel import MICHEL, MIP
from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, IDENTIFIER, Grid, Image, LabelColumn

MUON, ELECTRON = 30, 12


@pytest.fixture
def image():
    """A muon along the first axis that stops at 29, its electron goes on; another muon far away."""
    along = np.concatenate([np.arange(MUON + ELECTRON), np.arange(20)])
    across = np.concatenate([np.full(MUON + ELECTRON, 3), np.full(20, 15)])
    made = Image.from_points(Grid((60, 20)), np.stack([along, across], 1), np.ones(len(along)))
    x, y = made.coordinates.T
    truth = np.where((y == 3) & (x >= MUON), MICHEL, MIP).astype(np.int32)
    owner = np.where(y == 15, 9, np.where(x >= MUON, 7, 4)).astype(np.int32)
    return made.with_labels(semantic=LabelColumn(truth, FIVE_CLASS), instance=LabelColumn(owner, IDENTIFIER))


def places(image, rows):
    return sorted(image.coordinates[rows, 0].tolist())


def test_the_pair_is_the_electron_and_the_muon_that_it_touches(image):
    muon, electron = stopping_pair(image)
    assert places(image, muon) == list(range(MUON))
    assert places(image, electron) == list(range(MUON, MUON + ELECTRON))


def test_paper_2_s_pieces(image):
    masks = stopping_masks(image, *stopping_pair(image), lengths=(5, 20, 50))
    assert {piece.part: places(image, rows) for piece, rows in masks.items() if piece.length == 5} == {
        "middle": [13, 14, 15, 16, 17],
        "end": [25, 26, 27, 28, 29],
        "electron without": list(range(35, 42)),
        "electron first": [30, 31, 32, 33, 34],
        "end and first": list(range(25, 35)),
    }
    assert [piece.name for piece in masks] == [
        "all", "electron", "middle 5", "end 5", "electron without 5", "electron first 5", "end and first 5",
        "middle 20", "end 20",
    ]  # fmt: skip
    assert all((np.diff(rows) > 0).all() for rows in masks.values())


def test_any_particle_has_pieces(image):
    rows = rows_of_particle(image, 9)
    masks = particle_masks(image, rows, (6, 20))
    ends = {tuple(places(image, masks[Piece(part, 6)])) for part in ("begin", "end")}
    assert ends == {tuple(range(6)), tuple(range(14, 20))}
    assert places(image, masks[Piece("middle", 6)]) == list(range(7, 13))
    assert set(masks) == {Piece("all"), *(Piece(part, 6) for part in ("begin", "middle", "end"))}


def test_one_pixel_is_all_there_is(image):
    assert list(particle_masks(image, np.array([0]), (1, 5))) == [Piece("all")]


def test_what_is_not_there_is_named(image):
    with pytest.raises(InvalidArgument, match=r"particle \(=5\) has no pixel.*\[4, 7, 9\]"):
        rows_of_particle(image, 5)
    calm = replace(
        image,
        labels={**image.labels, "semantic": LabelColumn(np.full(len(image), MIP, np.int32), FIVE_CLASS)},
    )
    with pytest.raises(InvalidArgument, match="no true Michel electron"):
        stopping_pair(calm)
