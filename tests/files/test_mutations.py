"""Damaged files of every format are refused in one sentence; nothing crashes, hangs or leaks an error of a library."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from argoscope.benchmarks._malformed import outcomes
from argoscope.detectors import detector_named, dump_detector
from argoscope.drawn import drawn_event
from argoscope.files.convert import convert
from argoscope.files.larcv3_write import write_events
from tests.files.layouts import edepsim_made, geant4_made, larcv3_made, microboone_made, pilarnet_made

ROOT_FIXTURES = Path(__file__).parent / "root_fixtures"


def _own(path: Path) -> Path:
    write_events(path, [drawn_event(0)])
    return path


def _spine(path: Path) -> Path:
    pilarnet_made.make(path.with_name("volume.h5"))
    convert(path.with_name("volume.h5"), path, to="spine")
    return path


MAKERS: dict[str, Callable[[Path], Path]] = {
    "larcv3": larcv3_made.write,
    "own": _own,
    "pilarnet-m": pilarnet_made.make,
    "edep-sim": edepsim_made.make,
    "microboone-open": microboone_made.make,
    "geant4-steps": geant4_made.make,
    "spine": _spine,
    "larcv1-root": lambda path: Path(shutil.copy(ROOT_FIXTURES / "larcv1_old.root", path)),
    "larcv2-root": lambda path: Path(shutil.copy(ROOT_FIXTURES / "larcv2_3d.root", path)),
}

MUTANTS = 200
"""Mutants of each format."""


@pytest.mark.slow
@pytest.mark.parametrize("format", MAKERS)
def test_mutants_are_read_or_refused_in_one_sentence(format: str, tmp_path: Path) -> None:
    original = MAKERS[format](tmp_path / "original.dat")
    said = outcomes(original, MUTANTS, tmp_path, seed=len(format))
    assert len(said) == MUTANTS
    bugs = {name: what for name, what in said.items() if what.startswith("bug")}
    assert not bugs
    refused = [what for what in said.values() if what.startswith("refused")]
    # A mutator that damages nothing would pass unseen.
    assert len(refused) > MUTANTS // 10
    for what in refused:
        assert "\n" not in what
        assert "mutant" in what


CONFIGURATION = """
name: tiny
network: {extends: paper4, filters: 4}
data:
  train: {preset: cube-192, events: 9}
  augmentation: {mirror: true, pixel_gain: 0.1}
loss: {weighting: inverse, reduction: pixel-mean}
optimizer: {name: adam, rate: 1.0e-3}
steps: 5
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["config", "detector", "weights"])
def test_mutants_of_configurations_and_weights_are_refused_in_one_sentence(kind, tmp_path, make_model):
    original = tmp_path / "original.yaml"
    if kind == "config":
        original.write_text(CONFIGURATION)
    elif kind == "detector":
        dump_detector(detector_named("microboone"), original)
    else:
        original = make_model()
    folder = tmp_path / "mutants"
    folder.mkdir()
    said = outcomes(original, MUTANTS, folder, seed=len(kind), kind=kind)
    assert len(said) == MUTANTS
    assert not {name: what for name, what in said.items() if what.startswith("bug")}
    refused = [what for what in said.values() if what.startswith("refused")]
    assert len(refused) > MUTANTS // 10
    assert not [what for what in refused if "\n" in what]
