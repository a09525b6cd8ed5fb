"""Paper 3's numbers against its tables typed a second time, as printed, and against what its text says of them."""

from __future__ import annotations

import pytest

from argoscope.analyses.five_class import SHOWER_SHARE
from argoscope.events import FIVE_CLASS
from argoscope.papers import paper3_published as published
from argoscope.papers.samples import image_shape
from argoscope.simulation.generators.published import PAPER3
from argoscope.simulation.generators.through_muons import PAPER3_COSMICS
from argoscope.simulation.presets import preset_named

TABLE_II = """
0.992 0.992 0.998
0.996 0.859 0.823
"""
TABLE_III = """
0.988 0.990 0.990 0.989 0.997 0.998
0.996 0.994 0.823 0.858 0.809 0.821
"""
SECTION_V_B = {"nu_e": "86.2% to 99.2%", "BNB": "95.7% to 99.8%"}
"""Track accuracy, before and now, collection plane."""


def columns(text):
    return list(
        zip(*([float(cell) for cell in line.split()] for line in text.strip().splitlines()), strict=True)
    )


def test_table_ii_is_as_printed():
    assert [tuple(planes["Y"]) for planes in published.TWO_CLASSES.values()] == columns(TABLE_II)


def test_table_iii_is_as_printed():
    found = [tuple(planes[name]) for planes in published.TWO_CLASSES.values() for name in "UV"]
    assert found == columns(TABLE_III)


@pytest.mark.parametrize("sample", ["nu_e", "BNB"])
def test_text_and_tables_agree(sample):
    before, now = (float(part.strip("% ")) / 100 for part in SECTION_V_B[sample].split("to"))
    assert published.PREVIOUS[sample].track == pytest.approx(before)
    assert published.TWO_CLASSES[sample]["Y"].track == pytest.approx(now)


def test_section_v_a_on_the_test_sample():
    """Showers from 95.9 to 99.6 %, tracks from 97.4 to 99.2 %; five classes from 92 to 96 %."""
    assert published.PREVIOUS["test"] == (0.974, 0.959)
    assert published.TWO_CLASSES["test"]["Y"] == (0.992, 0.996)
    assert published.ACCURACY == {"none": 0.92, "paper3": 0.96}


def test_conclusions_factors():
    """Inference from 5 s to 0.5 s and from 6 to 1 GB."""
    dense, sparse = published.COSTS["dense"], published.COSTS["sparse"]
    assert dense.seconds / sparse.seconds == 10
    assert (dense.gb, sparse.gb) == (6, 1)


def test_table_i_is_what_the_preset_generates():
    """The simulation's own table was typed by someone else from the same page."""
    for _, part in PAPER3.parts:
        assert part.count == published.MULTIPLICITIES["all of these"]
        counts = [block.count for block in part.blocks]
        assert counts == [published.MULTIPLICITIES[kind] for kind in ("e", "photon", "mu", "pi", "p")]
    assert PAPER3_COSMICS.count == published.MULTIPLICITIES["cosmic mu"]


def test_the_cut_on_clusters_is_the_analysis_own():
    assert SHOWER_SHARE == 0.2


def test_classes_are_in_our_order():
    assert tuple(published.CLASS_PIXELS) == FIVE_CLASS.classes


def test_pixels_of_whole_planes_are_more_than_those_of_the_classes():
    """Why figure 6's orders of magnitude cannot be of all whole planes: 0.5 % of their pixels are 4e8."""
    wires, rows = image_shape(preset_named("paper3"))
    active = published.EVENTS["test"] * published.ACTIVE_SHARE * wires * rows
    assert active == pytest.approx(4.0e8, rel=0.01)
    assert active > 5 * sum(high for _, high in published.CLASS_PIXELS.values())
