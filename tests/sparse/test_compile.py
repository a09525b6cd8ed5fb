"""No compiled kernel outlives a change of the sources it was made from."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from argoscope.sparse.backends import compile as compiling


@pytest.fixture
def function(tmp_path):
    """A function in a file of its own, so that its cache is in a folder of its own."""
    path = tmp_path / "shifted.py"
    path.write_text("def shifted(x):\n    return x + 1\n")
    spec = importlib.util.spec_from_file_location("shifted", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.shifted


def misses(function):
    kernel = compiling.compiled(function)
    assert kernel(1) == 2
    return sum(kernel.stats.cache_misses.values())


def test_a_kernel_is_kept_until_a_source_changes(function, monkeypatch):
    assert [misses(function), misses(function)] == [1, 0]
    monkeypatch.setattr(compiling, "SOURCES", "other")
    assert [misses(function), misses(function)] == [1, 0]


def test_the_key_holds_the_file_that_writes_the_machine_code(tmp_path):
    """Numba itself would not see it change: the kernels that hold its code are in another file."""
    folder = tmp_path / "backends"
    shutil.copytree(Path(compiling.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    assert compiling.digest_of_sources(folder) == compiling.SOURCES
    with (folder / "registers.py").open("a") as file:
        file.write("# changed\n")
    assert compiling.digest_of_sources(folder) != compiling.SOURCES


def test_without_a_folder_for_the_cache_kernels_are_compiled_all_the_same(function, monkeypatch):
    def nowhere(_self, _function, _sources):
        message = "cannot cache function 'shifted': no locator available"
        raise RuntimeError(message)

    monkeypatch.setattr(compiling.KernelCache, "__init__", nowhere)
    kernel = compiling.compiled(function)
    assert kernel(1) == 2
    assert "NUMBA_CACHE_DIR" in compiling.__doc__
