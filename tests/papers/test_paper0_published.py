"""Paper 0's numbers against its tables typed a second time, as printed, and against what its text says of them."""

from __future__ import annotations

import pytest

from argoscope.papers import paper0_published as published

TABLE_1 = """
416 2,576 10,016 39,488 156,800 624,896 2,494,976 393,984 16,391,680 397,824
2,494,208 624,512 156,608 39,392 9,968 2,552 57
"""
TABLE_2 = """
0.951 0.908 0.606 0.757
0.947 0.898 0.609 0.753
0.942 0.898 0.571 0.734
0.956 0.914 0.698 0.806
0.938 0.898 0.539 0.718
0.930 0.887 0.457 0.672
0.913 0.882 0.544 0.713
0.896 0.852 0.447 0.649
0.944 0.904 0.584 0.744
0.904 0.852 0.509 0.680
0.940 0.720 0.339 0.530
"""


def test_table_1_is_as_printed():
    assert list(published.TABLE_1.values()) == [int(cell.replace(",", "")) for cell in TABLE_1.split()]


def test_table_2_is_as_printed():
    rows = [tuple(float(cell) for cell in line.split()) for line in TABLE_2.strip().splitlines()]
    assert [tuple(row) for row in published.TABLE_2.values()] == rows


@pytest.mark.parametrize("name", published.TABLE_2)
def test_mean_iou_is_the_mean_of_the_two(name):
    """As its caption says; the table rounds to three digits."""
    row = published.TABLE_2[name]
    assert (row.iou_cosmic + row.iou_neutrino) / 2 == pytest.approx(row.mean_iou, abs=0.0011)


def test_the_best_network_is_best_in_every_metric():
    best = published.TABLE_2[published.BEST]
    assert all(
        mine >= theirs for row in published.TABLE_2.values() for mine, theirs in zip(best, row, strict=True)
    )


def test_an_image_is_half_the_detectors():
    """Section 5: 2,048 pixels wide; 655,360 pixels a plane."""
    wires, drifts = published.IMAGE
    assert (2 * wires, wires * drifts) == (2048, 655_360)


def test_larger_learning_rate_is_ten_times_the_rate():
    assert pytest.approx(0.003) == 10 * published.RATE
