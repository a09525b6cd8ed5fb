"""Models in files: back bit for bit, and refused by name when anything differs."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from argoscope.errors import IntegrityError, InvalidArgument, UnreadableFile
from argoscope.models import cards
from argoscope.models import weights as module
from argoscope.models.builders import build_network
from argoscope.models.cards import Card, read_card
from argoscope.models.preparation import Preparation
from argoscope.models.weights import load_model, load_weights, save_model
from argoscope.sparse import SparseTensor

DESCRIPTION = {"kind": "uresnet", "dimensions": 2, "filters": 4, "depth": 2}
CARD = Card(
    name="tiny",
    task="five-class",
    network=DESCRIPTION,
    preparation=Preparation(planes=(2,), least=10.0, most=300.0),
    scheme="five-class",
    charge_unit="PIU",
    charge_scale=42.5,
    data={"train": {"files": ["a.h5"]}},
    metrics={"validation": {"accuracy": 0.5}},
    limits=("no noise", "one detector"),
)


@pytest.fixture
def network():
    torch.manual_seed(4)
    made = build_network(DESCRIPTION)
    x = SparseTensor.from_coordinates([[0, 1, 2], [0, 2, 2], [0, 7, 1]], torch.rand(3, 1), shape=(8, 8))
    made(x)  # moves the running averages off their start
    return made


@pytest.fixture
def path(tmp_path, network):
    return save_model(tmp_path, network, CARD)


def same(one, other):
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def test_a_model_comes_back_whole(tmp_path, network, path):
    for name in (tmp_path, path, path.with_suffix(".json"), str(path)):
        model = load_model(name)
        assert same(model.network, network)
        assert (model.card, model.path) == (CARD, path)
        assert not model.network.training


def test_half_precision_keeps_three_digits_and_counts(tmp_path, network):
    path = save_model(tmp_path, network, CARD, half=True)
    stored, want = load_model(path).network.state_dict(), network.state_dict()
    assert {t.dtype for t in load_file(path).values()} == {torch.float16, torch.int64}
    for name, tensor in want.items():
        assert stored[name].dtype == tensor.dtype
        # Eleven bits of mantissa.
        torch.testing.assert_close(stored[name], tensor, rtol=2.0**-11, atol=6e-8)
    assert any(not torch.equal(stored[name], want[name]) for name in want)


def test_an_existing_model_is_not_replaced_unasked(tmp_path, network, path):
    before = path.read_bytes()
    with pytest.raises(InvalidArgument, match="exists"):
        save_model(tmp_path, build_network(DESCRIPTION), CARD)
    assert path.read_bytes() == before
    save_model(tmp_path, build_network(DESCRIPTION), CARD, overwrite=True)
    assert not same(load_model(path).network, network)


@pytest.mark.parametrize("at", [-1, 8, 300])
def test_a_changed_byte_is_noticed(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match=r"tiny.safetensors is not what its card .*tiny.json describes"):
        load_model(path)


def test_a_model_knows_the_digest_of_its_weights(path):
    assert load_model(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_missing_weights_are_named(tmp_path, path):
    path.unlink()
    with pytest.raises(UnreadableFile, match=r"tiny.safetensors is missing: the weights belong beside"):
        load_model(tmp_path / "tiny.json")
    with pytest.raises(InvalidArgument, match="holds 0 models; name one"):
        load_model(tmp_path)


def test_a_missing_card_is_named(path):
    path.with_suffix(".json").unlink()
    with pytest.raises(UnreadableFile, match=r"tiny.json: no card of a model can be read"):
        load_model(path)


def test_two_models_in_a_folder_must_be_told_apart(tmp_path, network, path):
    (tmp_path / "other.json").write_text("{}")
    assert load_model(tmp_path).path == path
    (tmp_path / "other.safetensors").write_text("")
    with pytest.raises(InvalidArgument, match="holds 2 models; name one of its cards"):
        load_model(tmp_path)


def test_an_unknown_name_is_answered_with_the_nearest(monkeypatch, tmp_path):
    shipped = {"five-class-3d": tmp_path / "five-class-3d.json"}
    monkeypatch.setattr(cards, "shipped_models", lambda: shipped)
    with pytest.raises(InvalidArgument, match=r"no model 'five-class-3D'.*Did you mean 'five-class-3d'"):
        load_model("five-class-3D")
    monkeypatch.setattr(cards, "shipped_models", dict)
    with pytest.raises(InvalidArgument, match=r"no model 'mine.safetensors', neither in the package nor"):
        load_model("mine.safetensors")


def test_a_shipped_model_is_found_by_its_name(monkeypatch, path, network):
    monkeypatch.setattr(cards, "shipped_models", lambda: {"tiny": path.with_suffix(".json")})
    assert same(load_model("tiny").network, network)


def test_a_folder_named_as_a_shipped_model_is_not_taken_for_it_nor_it_for_the_folder(
    monkeypatch, path, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cards, "shipped_models", lambda: {"tiny": path.with_suffix(".json")})
    (tmp_path / "tiny").mkdir()
    with pytest.raises(
        InvalidArgument, match=r"tiny is a model of the package, and .* is there too: write \./tiny"
    ):
        load_model("tiny")
    for name in ("./tiny", tmp_path / "tiny"):
        with pytest.raises(InvalidArgument, match="holds 0 models"):
            load_model(name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop("head.bias"), r"it lacks 'head.bias' \(1 in all\)"),
        (lambda t: t.update({"tail.weight": torch.ones(1)}), r"it has also 'tail.weight' \(1 in all\)"),
        (
            lambda t: t.update({"head.bias": torch.ones(6)}),
            r"'head.bias' has shape \(6,\), the network \(5,\); give the configuration",
        ),
    ],
)
def test_weights_that_do_not_fit_are_named(path, network, change, message):
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with pytest.raises(UnreadableFile, match=message):
        load_weights(network, path)
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())


@pytest.mark.parametrize("content", [b"", b"\x80\x04pickle", b"\x00" * 100])
def test_what_is_no_safetensors_is_refused(tmp_path, network, content):
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"a.safetensors: no weights can be read there"):
        load_weights(network, tmp_path / "a.safetensors")


def edited(path, **changes):
    values = json.loads(path.with_suffix(".json").read_text())
    values = {name: value for name, value in {**values, **changes}.items() if value is not None}
    path.with_suffix(".json").write_text(json.dumps(values))
    return path.with_suffix(".json")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"taks": "x"}, UnreadableFile, "no key 'taks' in a card. Did you mean 'task'"),
        ({"scheme": None}, UnreadableFile, "the card is incomplete: .*'scheme'"),
        ({"card_version": 2}, UnreadableFile, "is no card of a model, or one of a newer argoscope"),
        ({"network": "uresnet"}, UnreadableFile, "network, data, training and metrics must be mappings"),
        ({"limits": 3}, UnreadableFile, "the card is incomplete"),
        ({"preparation": {"least": "10"}}, InvalidArgument, r"least \(='10'\) must be a number"),
        ({"preparation": {"leest": 1.0}}, InvalidArgument, "no key 'leest' here. Did you mean 'least'"),
    ],
)
def test_cards_that_say_something_else_are_refused(path, changes, error, message):
    with pytest.raises(error, match=message):
        read_card(edited(path, **changes))


@pytest.mark.parametrize("text", ["", "[]", "{", "3"])
def test_what_is_no_card_is_refused(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(UnreadableFile, match=r"a.json"):
        read_card(tmp_path / "a.json")


def test_a_card_of_another_network_is_noticed(path):
    edited(path, network={**DESCRIPTION, "filters": 8})
    with pytest.raises(UnreadableFile, match="does not fit the network"):
        load_model(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"filters": 100_000, "depth": 12}, "too few for its"),
        ({"depth": 10**9}, r"depth \(=1000000000\), more than 64"),
    ],
)
def test_a_card_of_a_network_beyond_memory_is_refused_before_it_is_built(path, changes, words, monkeypatch):
    edited(path, network={**DESCRIPTION, **changes})
    monkeypatch.setattr(module, "load_weights", None)
    with pytest.raises(UnreadableFile, match=words):
        load_model(path)


@pytest.mark.parametrize(
    ("scheme", "changes", "error", "message"),
    [
        ("cosmic", {"classes": 5}, UnreadableFile, "network has 5 classes, and its scheme 'cosmic' 3"),
        (
            "five-class",
            {"classes": 3},
            UnreadableFile,
            "network has 3 classes, and its scheme 'five-class' 5",
        ),
        ("five-clas", {}, InvalidArgument, "no label scheme 'five-clas'. Did you mean 'five-class'"),
    ],
)
def test_a_scheme_that_is_not_the_networks_is_refused(path, scheme, changes, error, message):
    edited(path, scheme=scheme, network={**DESCRIPTION, **changes})
    with pytest.raises(error, match=message):
        load_model(path)


def test_evaluation_is_the_same_after_the_round_trip(path, network):
    rng = np.random.default_rng(0)
    rows = np.column_stack([np.zeros(20, dtype=np.int64), np.unravel_index(rng.permutation(64)[:20], (8, 8))[0:2][0],
                            np.arange(20) % 8])  # fmt: skip
    rows = np.unique(rows, axis=0)
    x = SparseTensor.from_coordinates(rows, torch.rand(len(rows), 1), shape=(8, 8))
    with torch.no_grad():
        assert torch.equal(load_model(path).network(x).features, network.eval()(x).features)
