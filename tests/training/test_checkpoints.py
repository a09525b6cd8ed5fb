"""Checkpoints: back bit for bit, refused when a byte differs, never lost to a full disk."""

from __future__ import annotations

import hashlib
import resource
import signal

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from argoscope.errors import IntegrityError, StorageError, UnreadableFile
from argoscope.training.checkpoints import Progress, checkpoints_in, restore, save_checkpoint
from argoscope.training.optimizers import OptimizerConfig, make_optimizer


def pair(width=7, steps=2, name="adam", dtype=torch.float32):
    """A small network with an optimizer that has taken some steps."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, width), nn.BatchNorm1d(width), nn.Linear(width, 2)).to(dtype)
    optimizer = make_optimizer(
        OptimizerConfig(name=name, momentum=0.5 * (name != "adam")), network.parameters()
    )
    for _ in range(steps):
        step(network, optimizer, dtype)
    return network, optimizer


def step(network, optimizer, dtype=torch.float32):
    optimizer.zero_grad()
    network(torch.ones(3, 4, dtype=dtype) * torch.arange(3, dtype=dtype)[:, None]).square().sum().backward()
    optimizer.step()


def same(one, other):
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ["adam", "adamw", "sgd", "rmsprop"])
def test_a_restored_training_takes_the_same_steps(tmp_path, name, dtype):
    network, optimizer = pair(name=name, dtype=dtype)
    saved = Progress(2, 0.1 + 0.2, 0.3, {"scale": 1024.0})
    save_checkpoint(tmp_path, network, optimizer, saved)
    other, its = pair(name=name, dtype=dtype, steps=0)
    assert restore(tmp_path, other, its) == saved
    assert same(network, other)
    for _ in range(3):
        step(network, optimizer, dtype)
        step(other, its, dtype)
    assert same(network, other)


def test_a_run_that_has_no_validation_yet_is_kept_so(tmp_path):
    network, optimizer = pair(steps=0)
    save_checkpoint(tmp_path, network, optimizer, Progress())
    assert restore(tmp_path, *pair(steps=0)) == Progress()


def test_the_last_two_are_kept(tmp_path):
    network, optimizer = pair()
    for number in (8, 9, 10, 1000):
        save_checkpoint(tmp_path, network, optimizer, Progress(number))
    assert [path.stem for path in checkpoints_in(tmp_path)] == ["step-000000010", "step-000001000"]


def test_no_checkpoint_is_none(tmp_path):
    assert restore(tmp_path / "nothing", *pair()) is None


def turn_bit(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


DAMAGES = {
    "a bit of a weight": lambda path: turn_bit(path, -5),
    "a bit of the header": lambda path: turn_bit(path, 12),
    "a cut": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "nothing in it": lambda path: path.write_bytes(b""),
    "another file": lambda path: path.write_bytes(b"PK\x03\x04" * 99),
    "a digit of the step": lambda path: path.write_bytes(
        path.read_bytes().replace(rb"\"step\": 20", rb"\"step\": 30")
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_one_gives_way_to_the_one_before(tmp_path, damage):
    first, its = pair(steps=1)
    save_checkpoint(tmp_path, first, its, Progress(10))
    last = save_checkpoint(tmp_path, *pair(steps=2), Progress(20))
    before = last.read_bytes()
    DAMAGES[damage](last)
    assert last.read_bytes() != before
    network, optimizer = pair(steps=0)
    with pytest.warns(UserWarning, match=r"step-000000020.safetensors is damaged.*the checkpoint before"):
        assert restore(tmp_path, network, optimizer) == Progress(10)
    assert same(network, first)
    # The damaged one is in nobody's way: it does not count as the last of two.
    save_checkpoint(tmp_path, network, optimizer, Progress(15))
    assert [path.stem[-2:] for path in checkpoints_in(tmp_path)] == ["10", "15"]


def test_with_all_damaged_nothing_starts_from_scratch(tmp_path):
    for number in (1, 2):
        turn_bit(save_checkpoint(tmp_path, *pair(), Progress(number)), -1)
    with (
        pytest.warns(UserWarning, match="is damaged"),
        pytest.raises(IntegrityError, match="holds 2 checkpoints and none of them is whole"),
    ):
        restore(tmp_path, *pair())


def test_one_of_another_network_is_refused(tmp_path):
    save_checkpoint(tmp_path, *pair(width=7), Progress(1))
    with pytest.raises(UnreadableFile, match="is of another network: size mismatch"):
        restore(tmp_path, *pair(width=8))


@pytest.fixture
def small_disk():
    """No file may be larger than 10,000 bytes; the system's signal for that is ignored, as Python starts."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_the_first_form_is_still_read(tmp_path):
    """Its digest was of the tensors alone: name, type and shape, then the bytes."""
    network, optimizer = pair(name="sgd", steps=0)
    tensors = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].dtype} {tuple(tensors[name].shape)}".encode())
        digest.update(tensors[name].numpy().tobytes())
    header = {"progress": '{"step": 4, "seconds": 1.5, "best": "0.25"}', "digest": digest.hexdigest()}
    save_file(tensors, tmp_path / "step-000000004.safetensors", metadata=header)
    assert restore(tmp_path, network, optimizer) == Progress(4, 1.5, 0.25)


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path, small_disk):
    network, optimizer = pair(width=2000)
    save_checkpoint(tmp_path, network, optimizer, Progress(1))
    small_disk()
    with pytest.raises(StorageError, match=r"000002\.safetensors could not be written: .*ulimit -f"):
        save_checkpoint(tmp_path, network, optimizer, Progress(2))
    assert [path.name for path in tmp_path.iterdir()] == ["step-000000001.safetensors"]
    assert restore(tmp_path, network, optimizer) == Progress(1)


def test_what_a_killed_process_was_writing_is_swept_away(tmp_path):
    (tmp_path / ".step-000000001.safetensors.0123.part").write_bytes(b"half")
    save_checkpoint(tmp_path, *pair(), Progress(2))
    assert [path.name for path in tmp_path.iterdir()] == ["step-000000002.safetensors"]
