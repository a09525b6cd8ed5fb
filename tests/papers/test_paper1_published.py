"""Paper 1's numbers against its tables and text typed a second time, as printed."""

from __future__ import annotations

import pytest

from argoscope.analyses import positive, veto
from argoscope.analyses.instances import PAPER_1
from argoscope.analyses.veto import RATIOS, signal_to_background
from argoscope.events import ANCESTOR
from argoscope.papers import paper1_published as published

TABLE_1 = """
3.172 0.1758
8.438 5.79
"""
TABLE_2 = """
2708730 92.99 786050 95.24
97034 3.33 39296 4.76
26072 0.90
5738 0.19
155 0.005
75026 2.58
"""


def rows(text):
    return [[float(cell) for cell in line.split()] for line in text.strip().splitlines()]


def test_table_1_is_as_printed():
    assert [list(times) for times in published.RUNTIMES.values()] == rows(TABLE_1)


def test_table_1_says_what_the_conclusion_says():
    """A speedup of about 20 of the ResNet."""
    assert published.RUNTIMES["backbone"].dense / published.RUNTIMES["backbone"].sparse == pytest.approx(
        20, rel=0.15
    )


def test_table_2_is_as_printed():
    for trained, printed in zip(published.CLASSES.values(), rows(TABLE_2), strict=True):
        assert trained.dense == printed[0]
        assert trained.sparse == (printed[2] if len(printed) > 2 else None)


@pytest.mark.parametrize(("network", "column"), [("dense", 1), ("sparse", 3)])
def test_percentages_of_table_2_follow_from_its_counts(network, column):
    counts = [getattr(trained, network) or 0 for trained in published.CLASSES.values()]
    for count, printed in zip(counts, rows(TABLE_2), strict=True):
        if len(printed) > column:
            assert 100 * count / sum(counts) == pytest.approx(
                printed[column], abs=0.01
            )  # some are cut off, not rounded


def test_classes_are_ours():
    assert sorted(published.CLASS_OF.values()) == sorted(ANCESTOR.classes[1:])
    assert published.CLASS_OF.keys() == published.CLASSES.keys()


def test_images_hold_as_many_interactions_as_the_design_counts():
    """19.65 cosmics and 0.98 neutrinos an image of the sparse training; 20.8 true ones in the validation."""
    of_image = [
        trained.sparse / published.EVENTS["train"] for trained in list(published.CLASSES.values())[:2]
    ]
    assert of_image == pytest.approx([19.65, 0.98], abs=0.005)
    assert sum(of_image) == pytest.approx(PAPER_1["interactions"]["true"], rel=0.01)


def test_sections_4_and_5_1_are_as_printed():
    dense, sparse = PAPER_1["dense"], PAPER_1["sparse"]
    assert dense["overall"] == {"efficiency": 0.89, "purity": 0.87}
    assert sparse["overall"] == {"efficiency": 0.86, "purity": 0.85}
    assert [block["pooled"]["efficiency"] for block in (dense, sparse)] == [0.891, 0.859]
    assert [block["pooled"]["covered"] for block in (dense, sparse)] == [0.871, 0.827]
    neutrino, cosmic = (sparse["classes"][name] for name in ("neutrino", "cosmic"))
    assert [neutrino[name] for name in ("efficiency", "charge_efficiency", "purity", "covered")] == [
        0.768, 0.779, 0.649, 0.5963,
    ]  # fmt: skip
    assert [cosmic[name] for name in ("efficiency", "charge_efficiency", "purity")] == [0.861, 0.868, 0.847]
    assert positive.PAPER_1 == 0.78


def test_covered_interactions_and_their_share_agree():
    """20.8 true, 18.2 and 17.2 covered; 87.1 and 82.7 %."""
    true = PAPER_1["interactions"]["true"]
    for kind in ("dense", "sparse"):
        share = PAPER_1["interactions"][f"covered_{kind}"] / true
        assert share == pytest.approx(PAPER_1[kind]["pooled"]["covered"], abs=0.005)


def test_section_5_2_is_as_printed():
    assert RATIOS == {"nue": 5.97e-4, "low_energy": 1.51e-5}
    assert veto.PAPER_1["network and flash, X = 130"] == {
        "nue": 0.902,
        "low_energy": 0.605,
        "rejection": 0.949,
    }
    assert veto.PAPER_1["full tagger"] == {"nue": 0.801, "rejection": 0.990}
    assert veto.PAPER_1["network and full tagger"] == {"nue": 0.801, "rejection": 0.997}


def test_seventy_percent_of_the_background_follows_from_the_rejections():
    alone, joined = (
        1 - veto.PAPER_1[name]["rejection"] for name in ("full tagger", "network and full tagger")
    )
    assert 1 - joined / alone == pytest.approx(veto.PAPER_1["background removed at equal efficiency"])


def test_the_printed_ratios_do_not_follow_from_table_3_but_their_quotient_does():
    follows = [
        signal_to_background(RATIOS["nue"], veto.PAPER_1[name]["nue"], veto.PAPER_1[name]["rejection"])
        for name in published.PRINTED_RATIOS
    ]
    printed = [ratios["nue"] for ratios in published.PRINTED_RATIOS.values()]
    assert follows == pytest.approx([0.0478, 0.159], rel=0.005)
    assert [there / here for there, here in zip(printed, follows, strict=True)] == pytest.approx(
        [26, 26], rel=0.02
    )
    assert printed[1] / printed[0] == pytest.approx(follows[1] / follows[0], rel=0.02)
