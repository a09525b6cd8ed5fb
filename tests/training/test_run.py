"""A training learns what it should, in parts and precisions alike, and says what stops it and what it made."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file
from tests.training.runs import steps_kept
from torch import nn
from torch.testing import assert_close

from argoscope.errors import InvalidArgument, StorageError, TrainingDiverged, UnreadableFile
from argoscope.files.larcv3_write import write_events
from argoscope.models.weights import load_model
from argoscope.sparse import SubmanifoldConvolution
from argoscope.training import processes, run
from argoscope.training.log import read_log
from argoscope.training.run import train


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


def test_a_machine_of_a_slurm_farm_trains_without_a_word(make_config, tmp_path, monkeypatch):
    """Warnings are errors here, as everywhere in the tests."""
    (tmp_path / "srun").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert processes.make_fabric(make_config()).world_size == 1


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
