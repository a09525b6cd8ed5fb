"""Every example in README and docs runs: Python blocks one after another, console lines that call argoscope.

A YAML block that begins with a comment `# NAME.yaml` is put there as a file first.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from argoscope.inference.cluster_events import cluster_file
from tests.files.layouts.microboone_made import make

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text())


def runnable(page: Path) -> bool:
    return any(
        kind == "python" or (kind == "console" and "argoscope " in text) for kind, text in blocks(page)
    )


@pytest.mark.slow
@pytest.mark.parametrize("page", [p for p in PAGES if runnable(p)], ids=lambda p: p.name)
def test_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARGOSCOPE_REAL_DATA", raising=False)
    python = ""
    for kind, text in blocks(page):
        if kind == "yaml" and text.startswith("# "):
            (tmp_path / text.split()[1]).write_text(text)
        elif kind == "console":
            for line in text.splitlines():
                command = line.partition("  #")[0].strip()
                if command.startswith("argoscope "):
                    run(
                        [str(Path(sys.executable).with_name("argoscope")), *shlex.split(command)[1:]],
                        tmp_path,
                    )
        elif kind == "python":
            python += text
    if python:
        if not (tmp_path / "play").exists():
            run([str(Path(sys.executable).with_name("argoscope")), "demo", "--drawn", "-o", "play"], tmp_path)
        run([sys.executable, "-W", "error", "-c", python], tmp_path)


def run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stderr}"


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md"], ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_walk_through_open_data(tmp_path: Path) -> None:
    """The commands of the walk run on a file made as the public ones."""
    make(tmp_path / "bnb_WithWire_00.h5")
    page = (ROOT / "docs" / "your-data.md").read_text()
    walk = page[page.index("## MicroBooNE's open data") : page.index("## Your own detector")]
    lines = [
        line.partition("  #")[0].strip() for _, text in BLOCK.findall(walk) for line in text.splitlines()
    ]
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("argoscope ")]
    for words in commands:
        if "clustered.h5" in words:
            cluster_file(tmp_path / "bnb.h5", tmp_path / "clustered.h5")
        run([str(Path(sys.executable).with_name("argoscope")), *words], tmp_path)
