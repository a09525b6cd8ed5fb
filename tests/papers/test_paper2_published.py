"""Paper 2's numbers against its tables typed a second time, as printed, and against what its text says of them."""

from __future__ import annotations

import pytest
import torch

from argoscope.analyses.track_shower import NUMBERS
from argoscope.models.builders import build_network, parameter_count
from argoscope.papers import paper2_published as published
from argoscope.papers.paper2_studies.sizes import SAMPLES
from argoscope.simulation.generators.published import PAPER2
from argoscope.simulation.presets import PRESETS

TABLE_I = """
1.9 4.6 4.1 2.6
6.0 13.8 7.6 13.8
3.9 4.5 14.2 4.3
2.2 5.7 2.8 4.0
2.3 2.2 6.2 2.4
3.9 11.5 3.8 8.0
"""
TABLE_II = """
1.8 2.6 2.5 2.3
3.3 4.4 4.5 3.1
6.2 5.7 4.0 3.9
1.1 1.9 1.6 1.3
"""
"""Rows: ICPF mean, 90 %, shower, track; columns as `LABELLED`."""
TABLE_III = """
3.4 2.5 1.8 2.0
9.0 5.7 4.6 4.8
4.8 3.4 3.0 2.6
2.7 2.4 2.2 2.9
"""
CONCLUSIONS = {"nu_e": "6.0%", "nu_mu": "3.9%", "1e1p-LE": "3.9%", "1mu1p-LE": "2.3%"}


def rows(text):
    return [tuple(round(float(cell) / 100, 4) for cell in line.split()) for line in text.strip().splitlines()]


def test_table_i_is_as_printed():
    assert [tuple(row) for row in published.TABLE_I.values()] == rows(TABLE_I)


@pytest.mark.parametrize(
    ("found", "text"), [(published.MICHEL, TABLE_II), (published.CC_PI0, TABLE_III)], ids=["II", "III"]
)
def test_tables_of_labels_by_hand_are_as_printed(found, text):
    columns = list(zip(*rows(text), strict=True))
    assert [tuple(column) for column in found] == columns
    assert len(found) == len(published.LABELLED)


@pytest.mark.parametrize("sample", CONCLUSIONS)
def test_conclusions_and_table_agree(sample):
    assert published.TABLE_I[sample].icpf_mean == pytest.approx(float(CONCLUSIONS[sample].strip("%")) / 100)


def test_data_disagree_with_physicists_as_the_conclusions_say():
    """1.8 % and 3.4 % on data."""
    assert (published.MICHEL[0].icpf_mean, published.CC_PI0[0].icpf_mean) == (0.018, 0.034)


def test_the_tables_have_the_numbers_that_we_measure():
    assert published.Errors._fields == NUMBERS


def test_the_split_is_all_that_was_generated():
    """140,000 images, and 120,000 of the six samples."""
    assert sum(published.EVENTS[use] for use in ("train", "validation", "test")) == 140_000
    assert published.EVENTS["test"] * len(published.TABLE_I) == 120_000


def test_every_sample_of_table_i_has_a_preset_of_crops():
    assert tuple(SAMPLES) == tuple(published.TABLE_I)
    assert {PRESETS[name].crop for name in SAMPLES.values()} == {published.CROP}


def test_the_generator_has_the_multiplicities_of_the_text():
    """The simulation's own table was typed by someone else from the same page."""
    for _, part in PAPER2.parts:
        assert part.count == published.MULTIPLICITIES["all"]
    lepton, photon, pion, proton = PAPER2.parts[0][1].blocks
    assert lepton.count == (1, published.MULTIPLICITIES["lepton"][1])
    assert photon.count == published.MULTIPLICITIES["photon"]
    assert pion.count == published.MULTIPLICITIES["charged pion"]
    assert proton.count == published.MULTIPLICITIES["proton"]


def test_figure_18_is_sorted_as_its_text_says():
    assert list(published.WORST) == sorted(published.WORST, reverse=True)


def test_the_text_has_these_numbers():
    """Typed a second time, as printed: sections III, IV B, VI and VII A."""
    assert pytest.approx(15 / 100) == published.PROTON_50_MEV
    assert tuple(round(100 * share) for share in published.PEAK_SHIFT) == (20, 30)
    assert tuple(round(100 * share) for share in published.GAIN_CHANGE) == (25, 1)
    assert f"{published.BACKGROUND_SHARE:.0%}" == "99%"


def test_the_deepest_level_is_the_crop_halved_five_times():
    side, channels = published.DEEPEST
    assert side * 2**5 == published.CROP
    assert channels == 1024 == 32 * 2**5


def test_the_published_network_has_61_555_753_weights():
    """Counted once along the authors' program; of 15,406,105 with half of the channels, as it ran on data."""
    with torch.device("meta"):
        found = {
            name: parameter_count(build_network({"extends": name})) for name in ("paper2", "paper2-deployed")
        }
    assert found == {"paper2": 61_555_753, "paper2-deployed": 15_406_105}
