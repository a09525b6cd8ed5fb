"""Nothing is left to compile after a warm-up, whatever is simulated; and it says truly what it did."""

from __future__ import annotations

import subprocess
import sys

import numba
import pytest

from argoscope import kernels
from argoscope.kernels import compile_kernels

# Presets that the warm-up does not simulate, of each kind of image and source.
OTHERS = ("square-512", "sbnd-cosmic", "icarus", "microboone-offbeam", "paper2-michel", "paper3-bnb")
LEFT = f"""
from argoscope.kernels import _kernels, compile_kernels
from argoscope.simulation.chain import simulation_named
from argoscope.simulation.generators.particle_gun import ParticleGun

def made():
    return {{(name, str(types)) for name, kernel in _kernels().items() for types in kernel.signatures}}

compile_kernels()
before = made()
assert len(before) > 30
for preset in {OTHERS}:
    simulation_named(preset, seed=2).event(0)
gun = ParticleGun(particle="p", kinetic_mev=300.0, position_cm=(100.0, 0.0, 100.0))
simulation_named("gun", seed=2, gun=gun).event(0)
print(*sorted(made() - before))
"""


@pytest.mark.slow
def test_a_warm_up_leaves_nothing_to_compile_for_other_presets():
    """In a process of its own: here earlier tests may have called any kernel."""
    done = subprocess.run([sys.executable, "-c", LEFT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


@pytest.fixture
def toy(monkeypatch):
    """Work on one kernel that is compiled at its first call alone."""
    kernel = numba.njit(lambda x: x + 1)
    monkeypatch.setattr(kernels, "_kernels", lambda: {"toy.kernel": kernel})
    monkeypatch.setattr(kernels, "WORK", {"first": lambda: kernel(1), "second": lambda: kernel(2)})
    return kernel


def test_it_says_what_was_compiled_where(toy):
    said = []
    answer = compile_kernels(lambda *words: said.append(words))
    assert [part["name"] for part in answer["parts"]] == ["first", "second"]
    assert [part["compiled"] for part in answer["parts"]] == [["toy.kernel"], []]
    assert [part["loaded"] for part in answer["parts"]] == [0, 0]
    assert answer["folders"] == []
    assert said == [("compiling the first", 0, 2), ("compiling the second", 1, 2)]
    assert 0 <= sum(part["seconds"] for part in answer["parts"]) <= answer["seconds"]


def test_a_kernel_that_was_compiled_before_is_not_compiled_again(toy):
    toy(5)
    assert [part["compiled"] for part in compile_kernels()["parts"]] == [[], []]
    toy(5.5)
    kernels.WORK["third"] = lambda: toy(1j)
    assert compile_kernels()["parts"][2]["compiled"] == ["toy.kernel"]
