"""A study of a paper by its name, and the columns of its tables."""

from __future__ import annotations

from argoscope.papers.reproduction import studies_of


def study(paper, name, sizes, context):
    return next(each for each in studies_of(paper, sizes) if each.name == name).find(context)


def values(table, column):
    return [row[column] for row in table.rows]
