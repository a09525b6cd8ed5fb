"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# Machines that run several suites at once are slow now and then; time is no property under test.
settings.register_profile("argoscope", deadline=None)
settings.load_profile("argoscope")

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real detector files; the test is skipped where it is absent."""
    folder = Path(os.environ.get("ARGOSCOPE_REAL_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(
            f"no real detector files in {folder}: set ARGOSCOPE_REAL_DATA to the folder that has them"
        )
    return folder


@pytest.fixture(scope="session", autouse=True)
def _temporary_files_go_with_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep reports of bugs, and whatever else is put into the system's temporary folder, beside the tests' own files."""
    folder = str(tmp_path_factory.mktemp("temporary"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.fixture(autouse=True)
def _children_find_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let guarded children import the probes of `tests`; they do not look into the working folder."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator with a fixed seed."""
    return np.random.default_rng(20261122)
