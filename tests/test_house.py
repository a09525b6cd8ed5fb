"""The rules of the house that a machine can hold us to."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import argoscope
from argoscope import api

SOURCE = Path(argoscope.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))

LAYERS = (
    ("errors", "units", "constants", "typing", "figures", "kernel_cache"),
    ("events",),
    ("files",),
    ("detectors",),
    ("simulation", "drawn"),
    ("analyses",),
    ("sparse",),
    ("models",),
    ("training",),
    ("inference",),
    ("jobs",),
    ("display",),
    ("benchmarks",),
    ("papers", "tour", "kernels"),
    ("api",),
    ("cli",),
)
"""Packages from the ground up: each may import those before it, and itself."""

WITHOUT_TORCH = ("events", "files", "detectors", "simulation", "analyses", "drawn")
"""Packages that know no torch."""

LONGEST_FUNCTION = 60


def layer_of(module: str) -> int | None:
    """Layer of ``argoscope.x.y``, or None for the package itself."""
    name = module.split(".")[1] if "." in module else ""
    return next((n for n, names in enumerate(LAYERS) if name in names), None)


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_go_one_way(path: Path) -> None:
    mine = layer_of(module_name(path))
    if mine is None:
        assert module_name(path) == "argoscope"
        return
    upward = {
        name
        for name in imports_of(path)
        if name.startswith("argoscope.") and (layer := layer_of(name)) is not None and layer > mine
    }
    assert not upward, f"{module_name(path)} stands below {upward}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_physics_and_files_know_no_torch(path: Path) -> None:
    if module_name(path).split(".")[1:2] and module_name(path).split(".")[1] in WITHOUT_TORCH:
        assert not {name for name in imports_of(path) if name.split(".")[0] == "torch"}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_functions_stay_small(path: Path) -> None:
    long = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = node.end_lineno - body[0].lineno + 1 if body else 0
            if length > LONGEST_FUNCTION:
                long.append(f"{node.name} has {length} lines")
    assert not long


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_public_names_are_listed(path: Path) -> None:
    tree = ast.parse(path.read_text())
    listed = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
    ]
    public = [
        node.name
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
    ]
    assert listed or not public, f"{module_name(path)} defines {public} and has no __all__"


def test_public_names_are_pinned() -> None:
    assert argoscope.__all__ == [
        "Dataset", "Event", "Image", "__version__", "api", "convert", "export", "open", "render", "survey",
    ]  # fmt: skip
    assert set(argoscope.__all__) == {"__version__", "api", *api.NAMES}


def test_public_names_are_no_modules_of_ours() -> None:
    """An import of a package takes the place of a public function of its name."""
    assert not set(api.NAMES) & {path.stem for path in SOURCE.iterdir()}


def test_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(AttributeError, match=r"no 'opn'. Did you mean 'open'"):
        _ = argoscope.opn


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import argoscope", {"numpy", "torch", "matplotlib", "h5py", "uproot"}),
        ("import argoscope.events, argoscope.detectors", {"torch", "matplotlib", "uproot", "h5py"}),
        ("import argoscope.files.catalogue", {"torch", "matplotlib", "uproot", "numba"}),
        ("import argoscope.cli.main", {"torch", "matplotlib", "uproot", "numba", "h5py", "numpy"}),
        ("import argoscope.sparse", {"matplotlib", "uproot", "h5py"}),
    ],
)
def test_importing_loads_no_more_than_needed(statement: str, absent: set[str]) -> None:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not absent & set(loaded)
