"""No compiled kernel outlives a change of a module that its own imports."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

import argoscope
from argoscope.kernel_cache import digest_of_files, imported_files
from argoscope.simulation import compile as compiling

PACKAGE = Path(argoscope.__file__).parent


@pytest.fixture
def function(tmp_path):
    """A function in a file of its own, so that its cache is in a folder of its own."""
    path = tmp_path / "shifted.py"
    path.write_text("def shifted(x):\n    return x + 1\n")
    spec = importlib.util.spec_from_file_location("shifted", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.shifted


def misses(function) -> int:
    kernel = compiling.allocating(function)
    assert kernel(1) == 2
    return sum(kernel.stats.cache_misses.values())


def test_a_kernel_is_kept_until_a_source_changes(function, monkeypatch) -> None:
    assert [misses(function), misses(function)] == [1, 0]
    monkeypatch.setattr(compiling, "digest_of_module", lambda _: "other")
    assert [misses(function), misses(function)] == [1, 0]


def test_the_key_of_a_kernel_holds_the_modules_behind_those_it_calls(tmp_path) -> None:
    """The transport's kernels hold code of the straggling, two imports away."""
    package = tmp_path / "argoscope"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    files = imported_files(package / "simulation/transport.py", package)
    before = digest_of_files(files)
    names = {str(file.relative_to(package)) for file in files}
    assert {"simulation/straggling.py", "simulation/records.py", "units.py", "simulation/compile.py"} <= names
    assert not {"simulation/run.py", "simulation/truth.py", "cli/main.py"} & names
    with (package / "simulation/straggling.py").open("a") as file:
        file.write("# changed\n")
    assert digest_of_files(files) != before


def test_modules_imported_from_a_package_are_followed(tmp_path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("__init__.py", "one.py", "two.py", "three.py", "four.py"):
        (tmp_path / "deep" / name).write_text("")
    (tmp_path / "top.py").write_text(
        "import argoscope.deep.one\ndef f():\n    from argoscope.deep import (\n        two,\n        three as four_,\n    )\n"
    )
    found = [path.name for path in imported_files(tmp_path / "top.py", tmp_path)]
    assert found == ["__init__.py", "one.py", "three.py", "two.py", "top.py"]


def test_without_a_folder_for_the_cache_kernels_are_compiled_all_the_same(function, monkeypatch) -> None:
    def nowhere(*_arguments) -> None:
        message = "cannot cache function 'shifted': no locator available"
        raise RuntimeError(message)

    monkeypatch.setattr(compiling, "KernelCache", nowhere)
    assert compiling.allocating(function)(1) == 2
