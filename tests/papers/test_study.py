"""Studies run once, are kept, and run again only when what decides their numbers has changed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from matplotlib.figure import Figure

from argoscope.errors import InvalidArgument, Stopped
from argoscope.papers.study import Context, Section, Study, Table, run_studies


def counting(name, runs):
    """A study that notes each of its runs."""

    def find(context):
        runs.append(name)
        return Section(name, tables=(Table("t", ("a", "b"), (("x", (0.5, 0.4, None)),)),))

    return Study(name, find)


def test_a_study_runs_once(context):
    runs: list[str] = []
    studies = [counting("one", runs), counting("two", runs)]
    first, second = run_studies(studies, context), run_studies(studies, context)
    assert runs == ["one", "two"]
    assert first == second
    assert second[0].tables[0].rows == (("x", (0.5, 0.4, None)),)


@pytest.mark.parametrize(
    "change", [{"scale": "full"}, {"settings": {"models": ["other"]}}], ids=["scale", "settings"]
)
def test_other_settings_run_it_again(context, change):
    runs: list[str] = []
    run_studies([counting("one", runs)], context)
    run_studies([counting("one", runs)], replace(context, **change))
    assert runs == ["one", "one"]


def test_what_decides_no_number_runs_nothing_again(context):
    runs: list[str] = []
    run_studies([counting("one", runs)], context)
    run_studies([counting("one", runs)], replace(context, workers=7, report=print))
    assert runs == ["one"]


def test_a_stopped_reproduction_goes_on_where_it_was(context):
    runs: list[str] = []
    studies = [counting("one", runs), counting("two", runs)]
    with pytest.raises(Stopped, match="go on with --resume"):
        run_studies(studies, replace(context, stop=lambda: len(runs) == 1))
    assert runs == ["one"]
    assert [section.title for section in run_studies(studies, context)] == ["one", "two"]
    assert runs == ["one", "two"]


def test_a_study_that_fails_leaves_nothing_and_runs_again(context):
    def fails(_context):
        raise InvalidArgument("no")

    runs: list[str] = []
    with pytest.raises(InvalidArgument, match="no"):
        run_studies([Study("one", fails)], context)
    assert not list((context.folder / "studies").glob("*.json"))
    run_studies([counting("one", runs)], context)
    assert runs == ["one"]


def test_one_study_alone_keeps_those_before(context):
    runs: list[str] = []
    studies = [counting(name, runs) for name in ("one", "two", "three")]
    run_studies(studies, context, only=["three"])
    found = run_studies(studies, context, only=["one"])
    assert runs == ["three", "one"]
    assert [section.title for section in found] == ["one", "three"]


def test_settings_that_do_not_matter_to_a_study_run_nothing_again(context):
    runs: list[str] = []
    one = replace(counting("one", runs), indifferent=("models",))
    for models in (["a"], ["b"]):
        run_studies([one, counting("two", runs)], replace(context, settings={"models": models}))
    assert runs == ["one", "two", "two"]


def test_figures_lie_beside_their_data(context):
    shown = context.figure("a", "A", Figure(figsize=(1, 1)), {"x": [1, 2]})
    assert (context.folder / shown.file).read_bytes()[:4] == b"\x89PNG"
    assert json.loads((context.folder / "a.json").read_text()) == {"x": [1, 2]}


def test_marks_differ_by_scale_and_settings(tmp_path):
    marks = {
        Context(tmp_path, scale, settings=settings).mark()
        for scale in ("small", "full")
        for settings in ({}, {"a": 1})
    }
    assert len(marks) == 4
