"""Paper 4's numbers against its rows typed a second time, as printed, and against what its text says of them."""

from __future__ import annotations

import pytest

from argoscope.events import FIVE_CLASS
from argoscope.papers import paper4_published as published

TABLE_IV = """
96.0% 95.6% 93.7% 98.8% 99.0% 98.9%
96.2% 96.6% 95.4% 99.4% 99.7% 99.6%
97.6% 96.9% 96.6% 99.5% 99.6% 99.7%
74.3% 76.7% 75.1% 85.9% 89.6% 90.1%
36.5% 42.6% 43.9% 62.6% 70.0% 70.4%
98.0% 98.1% 97.7% 98.9% 99.2% 99.3%
"""
TABLE_V = """
98.0% 98.1% 98.1% 99.3%
99.4% 99.2% 99.4% 98.1%
99.4% 97.9% 99.2% 99.2%
85.7% 94.8% 96.0% 97.2%
56.6% 94.4% 94.7% 95.7%
99.2% 99.2% 99.6% 99.1%
"""
TABLE_III = """
98.94% 99.16% 99.23%
98.86% 99.07% 99.06%
98.74% 99.00% 99.07%
"""
TABLE_II = """
4 4 64 64 64
192 192 192 512 768
0.92 0.94 0.98 0.99 0.99
0.096 0.088 0.049 0.014 0.0037
16 0.044 0.19 0.67 1.3
104 0.21 1.3 5.1 9.3
3.3 0.10 0.66 2.4 4.4
25 0.21 1.2 5.0 8.8
- 0.57 0.81 1.9 3.0
- 0.59 1.9 3.9 4.0
- 0.25 1.7 8.0 16
- 1.1 6.1 24 47
"""


def numbers(text):
    """Rows of a printed table; per cent as fractions."""
    return [
        tuple(
            None if cell == "-" else float(cell.strip("%")) / (100 if "%" in cell else 1)
            for cell in line.split()
        )
        for line in text.strip().splitlines()
    ]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [(published.IMAGE_SIZES, TABLE_IV), (published.LABELS, TABLE_V)],
    ids=["table IV", "table V"],
)
def test_columns_are_those_printed(typed, printed):
    columns = list(zip(*numbers(printed), strict=True))
    assert [list(map(pytest.approx, column)) for column in columns] == [list(c) for c in typed.values()]


def test_table_iii_is_as_printed():
    rows = [[pytest.approx(cell) for cell in row] for row in numbers(TABLE_III)]
    assert [list(row.values()) for row in published.FILTERS_DEPTH.values()] == rows
    assert [list(row) for row in published.FILTERS_DEPTH.values()] == [[8, 16, 32]] * 3
    assert list(published.FILTERS_DEPTH) == [6, 5, 4]


def test_table_ii_is_as_printed():
    rows = numbers(TABLE_II)
    assert [tuple(column[1:]) for column in published.SCALABILITY] == list(zip(*rows, strict=True))
    assert [column.network for column in published.SCALABILITY] == ["dense"] + ["sparse"] * 4


def test_factors_are_those_of_table_ii():
    """The abstract's 364 and 33."""
    dense, sparse = published.SCALABILITY[:2]
    assert dense.gpu_test_gb / sparse.gpu_test_gb == pytest.approx(published.FACTORS_3D["memory"], abs=0.5)
    assert dense.gpu_test_s / sparse.gpu_test_s == pytest.approx(published.FACTORS_3D["time"], abs=0.5)


def test_filters_cost_what_the_text_says():
    """Memory linear in the filters, time about 10 % more from 8 to 32 (section V B)."""
    few, many = published.FILTER_COSTS[8], published.FILTER_COSTS[32]
    assert many["test_s"] / few["test_s"] == pytest.approx(1.1, abs=0.03)
    assert many["train_gb"] / few["train_gb"] == pytest.approx(4, abs=0.3)


def test_tables_agree_with_one_another():
    """5-16, batch 64: table II's rounded accuracies are those of tables IV (192, 768 px) and III (512 px)."""
    at = {column.side: column.accuracy for column in published.SCALABILITY if column.batch == 64}
    assert round(published.IMAGE_SIZES[192, 192][-1], 2) == at[192]
    assert round(published.IMAGE_SIZES[768, 768][-1], 2) == at[768]
    assert round(published.FILTERS_DEPTH[5][16], 2) == at[512]


def test_guard_is_table_iv_at_192_px():
    regular = dict(zip(published.CLASSES, published.IMAGE_SIZES[192, 192], strict=False))
    for name, expected in published.GUARD.items():
        assert expected.value == pytest.approx(regular[name], abs=0.006)


def test_classes_are_in_our_order():
    assert FIVE_CLASS.classes == published.CLASSES
    assert tuple(published.CLASS_SHARES) == FIVE_CLASS.classes
    assert sum(published.CLASS_SHARES.values()) == pytest.approx(1.0)
