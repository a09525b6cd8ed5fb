"""A reproduction's folder: made, kept, gone on with, refused; the list of what only the full scale gives."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.holding import held

from argoscope.errors import InvalidArgument, Stopped, UnreadableFile
from argoscope.papers.paper4 import PAPER
from argoscope.papers.reproduction import reproduce


def test_a_reproduction_is_made_kept_and_gone_on_with(tmp_path, tiny_sizes):
    folder = tmp_path / "p4"
    answer = reproduce(PAPER, folder, sizes=tiny_sizes, only=["sample"], command="argoscope reproduce")
    page = (folder / "report.html").read_text()
    assert [found["title"] for found in answer["studies"]] == ["Table I: the sample"]
    assert "--scale full --only table4" in page
    assert "argoscope reproduce" in page
    with pytest.raises(InvalidArgument, match="is not empty: go on with --resume"):
        reproduce(PAPER, folder, sizes=tiny_sizes, only=["sample"])
    written = (folder / "studies/sample.json").stat().st_mtime_ns
    reproduce(PAPER, folder, sizes=tiny_sizes, only=["sample"], resume=True)
    assert (folder / "studies/sample.json").stat().st_mtime_ns == written
    reproduce(PAPER, folder, sizes=tiny_sizes, only=["sample"], overwrite=True)
    assert (folder / "studies/sample.json").stat().st_mtime_ns > written


def test_samples_of_other_sizes_or_data_are_not_mixed(tmp_path, tiny_sizes):
    reproduce(PAPER, tmp_path / "p4", sizes=tiny_sizes, only=["sample"])
    other = replace(tiny_sizes, test_events=7)
    with pytest.raises(InvalidArgument, match="another paper or scale, other data or another version"):
        reproduce(PAPER, tmp_path / "p4", sizes=other, only=["sample"], resume=True)
    assert reproduce(PAPER, tmp_path / "p4", sizes=other, only=["sample"], overwrite=True)["studies"]


def test_a_stop_is_resumable(tmp_path, tiny_sizes):
    with pytest.raises(Stopped, match="--resume"):
        reproduce(PAPER, tmp_path / "p4", sizes=tiny_sizes, only=["sample"], stop=lambda: True)
    assert reproduce(PAPER, tmp_path / "p4", sizes=tiny_sizes, only=["sample"], resume=True)["studies"]


def test_an_unknown_study_costs_no_reproduction(tmp_path, tiny_sizes):
    folder = tmp_path / "p4"
    reproduce(PAPER, folder, sizes=tiny_sizes, only=["sample"])
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(InvalidArgument, match=r"no study 'smaple'. Did you mean 'sample'"):
        reproduce(PAPER, folder, sizes=tiny_sizes, only=["sample", "smaple"], overwrite=True)
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_missing_models_and_files_are_refused_before_anything_is_written(tmp_path, tiny_sizes):
    with pytest.raises(InvalidArgument, match="no model 'nosuch'"):
        reproduce(PAPER, tmp_path / "p4", sizes=tiny_sizes, models=["nosuch"])
    with pytest.raises(UnreadableFile, match="nosuch"):
        reproduce(PAPER, tmp_path / "p4", sizes=tiny_sizes, data=[tmp_path / "nosuch.h5"])
    assert not (tmp_path / "p4").exists()


def test_a_file_is_no_folder_of_a_reproduction(tmp_path, tiny_sizes):
    (tmp_path / "file").write_text("mine")
    for options in ({}, {"resume": True}, {"overwrite": True}):
        with pytest.raises(InvalidArgument, match="file is a file: name a folder"):
            reproduce(PAPER, tmp_path / "file", sizes=tiny_sizes, only=["sample"], **options)
    assert (tmp_path / "file").read_text() == "mine"


def test_two_reproductions_do_not_share_a_folder(tmp_path, tiny_sizes):
    for options in ({}, {"resume": True}, {"overwrite": True}):
        with held(tmp_path / "p4"), pytest.raises(InvalidArgument, match="another process works in"):
            reproduce(PAPER, tmp_path / "p4", sizes=tiny_sizes, only=["sample"], **options)
    assert reproduce(PAPER, tmp_path / "p4", sizes=tiny_sizes, only=["sample"])["studies"]


def test_overwriting_leaves_what_is_not_ours(tmp_path, tiny_sizes):
    folder = tmp_path / "p4"
    reproduce(PAPER, folder, sizes=tiny_sizes, only=["sample"])
    (folder / "mine.txt").write_text("mine")
    reproduce(PAPER, folder, sizes=tiny_sizes, only=["sample"], overwrite=True)
    assert (folder / "mine.txt").read_text() == "mine"


def test_another_papers_folder_is_not_gone_on_with(tmp_path, tiny_sizes):
    reproduce(PAPER, tmp_path / "p4", sizes=tiny_sizes, only=["sample"])
    with pytest.raises(InvalidArgument, match="another paper or scale"):
        reproduce(
            replace(PAPER, name="paper9"), tmp_path / "p4", sizes=tiny_sizes, only=["sample"], resume=True
        )
