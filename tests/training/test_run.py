"""Trainings end with the same weights, bit for bit, whatever interrupts them, and say what stops them."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from torch.testing import assert_close

from argoscope.errors import (
    IntegrityError,
    InvalidArgument,
    Stopped,
    StorageError,
    TrainingDiverged,
    UnreadableFile,
)
from argoscope.files.larcv3_write import write_events
from argoscope.models.weights import load_model
from argoscope.sparse import SubmanifoldConvolution
from argoscope.training import checkpoints, processes, run
from argoscope.training.config import config_to_yaml
from argoscope.training.curves import draw_curves
from argoscope.training.log import read_log
from argoscope.training.run import train


def logged(folder):
    """Rows of both logs; seconds are no part of the promise."""
    rows = read_log(folder / "steps.csv") + read_log(folder / "validation.csv")
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def same_run(one, other):
    names = ("tiny.safetensors", "best/tiny.safetensors")
    return all((one / n).read_bytes() == (other / n).read_bytes() for n in names) and logged(one) == logged(
        other
    )


def steps_kept(folder):
    return [int(path.stem[-9:]) for path in checkpoints.checkpoints_in(folder / "checkpoints")]


@pytest.fixture(scope="module", autouse=True)
def no_curves():
    """Drawing takes longer than all that is under test here; one test draws."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "draw_curves", lambda _: None)
        yield


@pytest.fixture(scope="module")
def long_config(make_config):
    """Twenty steps, logged and saved often."""
    return make_config(steps=20, validate_every=10, checkpoint_every=5)


@pytest.fixture(scope="module")
def undisturbed(long_config, tmp_path_factory):
    """Folder of the undisturbed run."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    torch.set_num_threads(1)
    train(long_config, folder)
    return folder


@pytest.fixture
def whole(undisturbed, tmp_path):
    """A copy of it, to be changed."""
    return Path(shutil.copytree(undisturbed, tmp_path / "whole"))


def after(asked):
    """A `stop` that says yes when it was asked that often."""
    counts = iter(range(1, 1000))
    return lambda: next(counts) >= asked


def test_a_stopped_run_resumes_to_the_same_bytes(whole, long_config, tmp_path):
    for asked in (3, 7):
        with pytest.raises(Stopped, match="go on with --resume"):
            train(long_config, tmp_path / "run", resume=True, stop=after(asked))
    train(long_config, tmp_path / "run", resume=True)
    assert same_run(tmp_path / "run", whole)


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_bytes(whole, long_config, tmp_path):
    """Two workers feed it; SIGKILL leaves it no time to write anything."""
    folder, text = tmp_path / "run", tmp_path / "tiny.yaml"
    text.write_text(config_to_yaml(replace(long_config, data=replace(long_config.data, workers=2))))
    code = (
        "import sys, torch; from pathlib import Path; from argoscope.training.config import load_config;"
        "from argoscope.training.run import train; torch.set_num_threads(1);"
        "__name__ == '__main__' and train(load_config(sys.argv[1]), Path(sys.argv[2]), "
        "report=lambda _, done, all: done == 8 and __import__('time').sleep(60))"
    )
    (tmp_path / "child.py").write_text(code)
    child = subprocess.Popen([sys.executable, tmp_path / "child.py", text, folder])
    until = time.monotonic() + 120
    while steps_kept(folder) != [5] and child.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert steps_kept(folder) == [5]
    train(long_config, folder, resume=True)
    assert same_run(folder, whole)


def test_a_run_killed_before_its_last_weights_writes_them(whole, long_config, tmp_path, monkeypatch):
    def end(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "_finish", end)
    with pytest.raises(KeyboardInterrupt):
        train(long_config, tmp_path / "run")
    monkeypatch.undo()
    train(long_config, tmp_path / "run", resume=True)
    assert same_run(tmp_path / "run", whole)
    cards = [json.loads((folder / "tiny.json").read_text()) for folder in (whole, tmp_path / "run")]
    assert cards[0]["metrics"] == cards[1]["metrics"]


def test_resuming_a_finished_run_changes_nothing(whole, long_config):
    before = {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()}
    answer = train(long_config, whole, resume=True)
    assert before == {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()}
    assert answer["validation"]["accuracy"] == pytest.approx(
        float(read_log(whole / "validation.csv")[-1]["accuracy"]), rel=1e-6
    )


def test_the_damaged_last_checkpoint_costs_only_its_steps(whole, long_config, tmp_path):
    folder = tmp_path / "run"
    with pytest.raises(Stopped):
        train(long_config, folder, stop=after(12))
    assert steps_kept(folder) == [10, 12]
    path = checkpoints.checkpoints_in(folder / "checkpoints")[-1]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.warns(UserWarning, match="is damaged"):
        train(long_config, folder, resume=True)
    assert same_run(folder, whole)


def test_all_checkpoints_damaged_is_an_error(long_config, tmp_path):
    with pytest.raises(Stopped):
        train(long_config, tmp_path, stop=after(6))
    for path in checkpoints.checkpoints_in(tmp_path / "checkpoints"):
        path.write_bytes(b"")
    with (
        pytest.warns(UserWarning, match="damaged"),
        pytest.raises(IntegrityError, match="none of them is whole"),
    ):
        train(long_config, tmp_path, resume=True)


def test_a_full_disk_costs_no_step_before(whole, long_config, tmp_path, monkeypatch):
    folder, save = tmp_path / "run", checkpoints.save_file
    monkeypatch.setattr(
        checkpoints,
        "save_file",
        lambda *given, **more: full() if steps_kept(folder) else save(*given, **more),
    )

    def full():
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageError, match="the disk is full: free some space"):
        train(long_config, folder)
    assert steps_kept(folder) == [5]
    monkeypatch.undo()
    train(long_config, folder, resume=True)
    assert same_run(folder, whole)


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


@pytest.mark.parametrize("resume", [False, True])
def test_a_start_that_failed_is_no_run(make_config, tmp_path, monkeypatch, resume):
    folder = tmp_path / "run"

    def fails(*_, **__):
        raise StorageError("no memory")

    with monkeypatch.context() as patch:
        patch.setattr(run, "_begin", fails)
        with pytest.raises(StorageError):
            train(make_config(), folder)
    assert {path.name for path in folder.iterdir()} == {"config.yaml", "provenance.json"}
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


def test_a_loss_that_is_no_number_ends_with_the_events(make_config, tmp_path):
    with pytest.raises(
        TrainingDiverged, match=r"the loss of step \d is .*events.*rate \(=1e\+30\).*none, the run had"
    ):
        train(make_config(optimizer={"rate": 1e30}), tmp_path)


def test_weights_that_are_no_numbers_are_not_kept(make_config, tmp_path, monkeypatch):
    """The loss of the step that breaks them is still finite."""
    one_step = run._step

    def breaking(state, step, batch):
        loss = one_step(state, step, batch)
        if step == 2:
            next(state.network.parameters()).data[0] = float("inf")
        return loss

    monkeypatch.setattr(run, "_step", breaking)
    with pytest.raises(TrainingDiverged, match=r"after step 3 the weight stem.weight .*step-000000002"):
        train(make_config(checkpoint_every=1), tmp_path)
    assert steps_kept(tmp_path) == [1, 2]
    assert all(
        tensor.isfinite().all()
        for tensor in load_file(tmp_path / "checkpoints/step-000000002.safetensors").values()
    )


def test_a_bound_gradient_survives_what_is_not_finite(make_config, tmp_path):
    answer = train(make_config(optimizer={"clip": 1e-6, "name": "sgd", "rate": 1.0}, steps=2), tmp_path)
    assert answer["validation"]["loss"] > 0


class Plain(nn.Module):
    """A network without normalization: its gradients are sums over pixels."""

    def __init__(self):
        super().__init__()
        self.first = SubmanifoldConvolution(1, 6, dimensions=3, kernel=3)
        self.second = SubmanifoldConvolution(6, 5, dimensions=3, kernel=3)

    def forward(self, x):
        x = self.first(x)
        return self.second(x.with_features(x.features.tanh()))


@pytest.mark.parametrize("reduction", ["event-sum", "event-mean", "image-mean", "pixel-sum", "pixel-mean"])
def test_parts_of_a_step_add_up_to_the_whole(make_config, tmp_path, monkeypatch, reduction):
    """Three steps of double precision; only the order of additions differs."""
    monkeypatch.setattr(run, "build_network", lambda _: Plain())
    found = []
    for parts in (1, 2, 4):
        config = make_config(
            accumulate=parts, steps=3, precision="64-true", optimizer={"name": "sgd", "rate": 0.01},
            loss={"weighting": "inverse", "reduction": reduction, "gamma": 1.5},
        )  # fmt: skip
        train(config, tmp_path / str(parts))
        found.append(load_file(tmp_path / str(parts) / "tiny.safetensors"))
    torch.manual_seed(config.seed)
    start = Plain().state_dict()
    for name, tensor in found[0].items():
        assert tensor.dtype == torch.float64
        assert (tensor - start[name]).abs().max() > 1e-6
        for other in found[1:]:
            assert_close(other[name], tensor, rtol=0.0, atol=1e-12)


def test_double_precision_is_double_all_the_way(make_config, tmp_path):
    """Weights after a step follow the seed's change of the rate to fifteen digits, not seven."""
    found = []
    for name, rate in (("a", 1e-3), ("b", 1e-3 * (1 + 1e-12))):
        config = make_config(precision="64-true", steps=1, optimizer={"name": "sgd", "rate": rate})
        train(config, tmp_path / name)
        found.append(load_file(tmp_path / name / "tiny.safetensors")["head.weight"])
    moved = (found[0] - found[1]).abs().max()
    assert 0 < moved < 1e-12


@pytest.mark.parametrize("precision", ["bf16-mixed", "32-true"])
def test_precisions_train_and_keep_single_weights(make_config, tmp_path, precision):
    train(make_config(precision=precision, steps=2), tmp_path)
    tensors = load_file(tmp_path / "tiny.safetensors")
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32, torch.int64}


def test_learning_happens(make_config, tmp_path):
    """The class is the place along the first axis: walls tell it, by where neighbours end. The loss must fall."""
    config = make_config(
        data={"augmentation": {}}, steps=40, optimizer={"rate": 0.01}, validate_every=40, checkpoint_every=40
    )
    train(config, tmp_path)
    losses = [float(row["loss"]) for row in read_log(tmp_path / "steps.csv")]
    assert losses[-1] < 0.8 * losses[0]


def test_weights_are_started_from_a_model(whole, long_config, tmp_path):
    config = replace(long_config, init=str(whole), steps=0, seed=5)
    train(config, tmp_path / "run")
    mine, theirs = (load_model(folder).network.state_dict() for folder in (tmp_path / "run", whole))
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)


def test_the_card_says_all_that_was_spent_on_the_weights_it_started_from(whole, long_config, tmp_path):
    for init, name in ((whole, "second"), (tmp_path / "second", "third")):
        train(replace(long_config, init=str(init), steps=0), tmp_path / name)
    first, second, third = (load_model(folder) for folder in (whole, tmp_path / "second", tmp_path / "third"))
    assert "origin" not in first.card.training
    assert second.card.training["origin"] == {
        "name": "tiny",
        "sha256": first.sha256,
        "data": first.card.data,
        "training": first.card.training,
    }
    assert third.card.training["origin"]["training"] == second.card.training


def test_a_resumed_run_does_not_need_its_first_model(whole, long_config, tmp_path):
    config = replace(long_config, init=str(whole))
    with pytest.raises(Stopped):
        train(config, tmp_path / "run", stop=after(3))
    (whole / "tiny.safetensors").unlink()
    train(config, tmp_path / "run", resume=True)
    with pytest.raises(InvalidArgument, match="holds 0 models"):
        train(config, tmp_path / "new")


def test_the_card_says_how_to_use_the_weights(whole, long_config):
    model = load_model(whole)
    assert model.card.preparation == long_config.preparation
    assert (model.card.scheme, model.card.charge_unit, model.card.detector) == (
        "five-class",
        "MeV",
        "cube-192",
    )
    assert model.card.training["steps"] == 20
    assert model.card.metrics["validation"]["accuracy"] > 0
    provenance = json.loads((whole / "provenance.json").read_text())
    assert provenance["seeds"] == {"training": 0}


def test_a_preset_is_simulated_on_the_fly(make_config, tmp_path):
    data = {
        "train": {"preset": "cube-192", "events": 4, "seed": 1},
        "validation": {"preset": "cube-192", "events": 2, "seed": 900_000},
    }
    answer = train(make_config(data=data, steps=2, batch=2), tmp_path)
    assert 0 <= answer["validation"]["accuracy"] <= 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"data": {"train": {"preset": "cube-192", "events": 3, "seed": 900_000}}},
            "seed 900000 is held out",
        ),
        (
            {"data": {"validation": {"preset": "cube-192", "events": 3, "seed": 990_000}}},
            "held out for tests",
        ),
        ({"init": "nowhere"}, "there is no model 'nowhere'"),
    ],
)
def test_impossible_trainings_are_refused(make_config, tmp_path, change, message):
    with pytest.raises(InvalidArgument, match=message):
        train(make_config(**change), tmp_path)


@pytest.mark.parametrize("accelerator", ["cuda", "mps"])
def test_a_missing_accelerator_is_said(make_config, tmp_path, monkeypatch, accelerator):
    monkeypatch.setitem(processes._FOUND, accelerator, lambda: False)
    with pytest.raises(InvalidArgument, match=rf"accelerator \(='{accelerator}'\): .*--set accelerator=auto"):
        train(make_config(accelerator=accelerator), tmp_path)
    assert not list(tmp_path.iterdir())


def test_validation_without_labels_is_refused(make_config, make_event, tmp_path):
    write_events(tmp_path / "empty.h5", [make_event(pixels=0)])
    config = make_config(data={"validation": {"files": [str(tmp_path / "empty.h5")]}})
    with pytest.raises(InvalidArgument, match="have no labelled pixel"):
        train(config, tmp_path / "run")


def test_training_needs_lightning_and_says_so(make_config, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lightning_fabric", None)
    with pytest.raises(InvalidArgument, match="training needs lightning-fabric: install it with"):
        train(make_config(), tmp_path)


def test_errors_of_workers_are_one_sentence():
    def torch_style():
        yield 1
        raise UnreadableFile(
            "Caught UnreadableFile in DataLoader worker process 0.\nOriginal Traceback (most recent call last):\n"
            "  File ...\nargoscope.errors.UnreadableFile: a.h5 is gone\n"
        )

    def killed():
        yield 1
        raise RuntimeError("DataLoader worker (pid(s) 7) exited unexpectedly")

    with pytest.raises(UnreadableFile, match=r"^a.h5 is gone$"):
        list(processes.read_plainly(torch_style()))
    with pytest.raises(StorageError, match="was killed, most often for want of memory"):
        list(processes.read_plainly(killed()))


def test_paths_of_a_run(make_config, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "draw_curves", draw_curves)
    train(make_config(steps=8, checkpoint_every=2, validate_every=8, tensorboard=True), tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    [board] = [name for name in found if name.startswith("tensorboard/")]
    assert sorted(found - {board}) == [
        "best/tiny.json", "best/tiny.safetensors", "checkpoints/step-000000006.safetensors",
        "checkpoints/step-000000008.safetensors", "config.yaml", "curves.png", "provenance.json", "tiny.json",
        "tiny.safetensors", "validation.csv",
    ]  # fmt: skip
