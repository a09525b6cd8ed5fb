"""The folder of a run: what is in it, and that nothing that was there is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.holding import held
from tests.training.runs import steps_kept

from argoscope.errors import InvalidArgument, StorageError, UnreadableFile
from argoscope.files.locks import LOCK
from argoscope.training import run
from argoscope.training.config import TAKEN_NAMES
from argoscope.training.curves import draw_curves
from argoscope.training.folder import INIT, PROVENANCE
from argoscope.training.run import train


def test_paths_of_a_run(make_config, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "draw_curves", draw_curves)
    train(make_config(steps=8, checkpoint_every=2, validate_every=8, tensorboard=True), tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    [board] = [name for name in found if name.startswith("tensorboard/")]
    assert sorted(found - {board, LOCK}) == [
        "best/tiny.json", "best/tiny.safetensors", "checkpoints/step-000000006.safetensors",
        "checkpoints/step-000000008.safetensors", "config.yaml", "curves.png", "provenance.json", "tiny.json",
        "tiny.safetensors", "validation.csv",
    ]  # fmt: skip


def test_a_folder_with_a_run_is_not_taken(whole, long_config):
    with pytest.raises(
        InvalidArgument, match="holds a run: go on with --resume, or start anew with --overwrite"
    ):
        train(long_config, whole)
    for other, said in (
        (replace(long_config, seed=1), "seed is 0 there and 1 here"),
        (
            replace(long_config, batch=8, steps=30),
            "steps is 20 there and 30 here; batch is 4 there and 8 here",
        ),
        (
            replace(long_config, data=replace(long_config.data, validation=None)),
            "data.validation.files is .*check.h5.* there and None here",
        ),
    ):
        with pytest.raises(InvalidArgument, match=f"holds a run of another configuration: .*{said}"):
            train(other, whole, resume=True)
    alike = replace(long_config, tensorboard=True, data=replace(long_config.data, workers=1, keep=False))
    assert train(alike, whole, resume=True)["steps"] == 20


def sample(**changes):
    """A change of the training sample to a simulated one."""
    return {"data": {"train": {"preset": "cube-192", "events": 2, **changes}}}


def test_two_trainings_do_not_share_a_folder(make_config, tmp_path):
    """Not even before the first checkpoint, when there is no run to be seen yet."""
    for options in ({}, {"resume": True}, {"overwrite": True}):
        with held(tmp_path), pytest.raises(InvalidArgument, match="another process works in"):
            train(make_config(), tmp_path, **options)
    assert not (tmp_path / "config.yaml").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"init": "nowhere"}, "no model 'nowhere'"),
        ({"data": {"train": {"files": ["gone.h5"]}}}, r"gone\.h5"),
        (sample(preset="cube-129"), "there is no preset 'cube-129'"),
        (sample(vary=["lifetme_us=3"]), "lifetme_us"),
        ({"data": {"validation": {"preset": "cube-129", "events": 2}}}, "'cube-129'"),
        ({"data": {"validation": {"preset": "square-512", "events": 2}}}, "square-512 have 2 dimensions"),
        ({"network": {"extends": "paper3"}}, r"h5 have 3 .* network.dimensions \(=2\): set it to 3"),
        (
            {"preparation": {"least": 9.0}},
            r"the 3 events of data\.validation have no labelled .*least \(=9\)",
        ),
        ({"preparation": {"planes": [1]}}, r"lacks \[1\]"),
        ({"preparation": {"shape": [8, 8, 8]}}, r"images of \(8, 8, 8\) are read"),
        (
            {"task": "cosmic-tagging", "network": {"filters": 4, "depth": 2, "classes": 3}},
            "origin",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_begin_overwrites_nothing(whole, make_config, tmp_path, change, message):
    before = {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()}
    with pytest.raises((InvalidArgument, UnreadableFile), match=message):
        train(make_config(**change), whole, overwrite=True)
    assert before == {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()}
    with pytest.raises((InvalidArgument, UnreadableFile), match=message):
        train(make_config(**change), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_model_of_another_shape_is_refused_before_a_run_is_overwritten(whole, undisturbed, make_config):
    before = {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()}
    config = make_config(network={"extends": "paper4", "filters": 8, "depth": 2}, init=str(undisturbed))
    with pytest.raises(UnreadableFile, match=r"does not fit the network: .* has shape .*\(27, 1, 4\)"):
        train(config, whole, overwrite=True)
    assert before == {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()}


def test_no_model_takes_the_name_of_a_file_of_its_run():
    """Its card would lie in the file's place."""
    assert sorted(name.removesuffix(".json") for name in (INIT, PROVENANCE)) == sorted(TAKEN_NAMES)


@pytest.mark.parametrize("resume", [False, True])
def test_a_start_that_failed_is_no_run(make_config, tmp_path, monkeypatch, resume):
    folder = tmp_path / "run"

    def fails(*_, **__):
        raise StorageError("no memory")

    with monkeypatch.context() as patch:
        patch.setattr(run, "_begin", fails)
        with pytest.raises(StorageError):
            train(make_config(), folder)
    assert {path.name for path in folder.iterdir()} == {LOCK, "config.yaml", "provenance.json"}
    assert train(make_config(steps=1, seed=1), folder, resume=resume)["steps"] == 1


def test_a_configuration_of_ones_own_is_not_replaced(make_config, tmp_path):
    (tmp_path / "config.yaml").write_text("# mine")
    with pytest.raises(InvalidArgument, match="holds a run"):
        train(make_config(), tmp_path)
    assert (tmp_path / "config.yaml").read_text() == "# mine"


def test_a_file_is_no_folder_of_a_run(make_config, tmp_path):
    (tmp_path / "file").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(InvalidArgument, match="file is a file: name a folder"):
            train(make_config(), tmp_path / "file", overwrite=overwrite)
    assert (tmp_path / "file").read_text() == "mine"


def test_overwriting_starts_anew_and_leaves_what_is_not_its_own(whole, long_config):
    for name in ("mine.csv", "notes.txt", "data/weights.safetensors"):
        (whole / name).parent.mkdir(exist_ok=True)
        (whole / name).write_text("mine")
    other = replace(long_config, seed=1, steps=2, data=replace(long_config.data, validation=None))
    train(other, whole, overwrite=True)
    assert steps_kept(whole) == [2]
    assert not (whole / "validation.csv").exists()
    assert not list((whole / "best").iterdir())
    for name in ("mine.csv", "notes.txt", "data/weights.safetensors"):
        assert (whole / name).read_text() == "mine"


def test_a_folder_of_something_else_keeps_it(make_config, tmp_path):
    (tmp_path / "steps.csv").write_text("step,loss\n10,1\n")
    (tmp_path / "other.safetensors").write_text("mine")
    train(make_config(steps=1), tmp_path, overwrite=True)
    assert (tmp_path / "other.safetensors").read_text() == "mine"


def test_checkpoints_without_their_configuration_are_not_touched(whole, long_config):
    (whole / "config.yaml").unlink()
    with pytest.raises(InvalidArgument, match=r"holds checkpoints without the config\.yaml"):
        train(long_config, whole, resume=True)
    with pytest.raises(InvalidArgument, match="holds a run"):
        train(long_config, whole)
