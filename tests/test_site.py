"""The documentation is built as a site, warnings as errors, and needs no network to be read."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("mkdocs", "material", "mkdocstrings")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; the test is skipped where the extra is absent."""
    if absent := [part for part in PARTS if find_spec(part) is None]:
        pytest.skip(f"no {', '.join(absent)}: install argoscope[docs]")
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "-d", str(folder)],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return folder


@pytest.mark.slow
def test_every_page_and_public_name_is_there(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert not [page for page in pages if not (site / page).is_file()]
    assert 'id="argoscope.files.catalogue.open_events"' in (site / "api" / "files.html").read_text()


@pytest.mark.slow
def test_commands_are_told_with_examples(site: Path) -> None:
    page = (site / "commands.html").read_text()
    assert 'id="argoscope-evaluate-five-class"' in page
    assert "--trust-network" in page


@pytest.mark.slow
def test_links_out_of_docs_lead_to_modules_and_copies(site: Path) -> None:
    page = (site / "training.html").read_text()
    assert 'href="api/training.html#argoscope.training.weighting"' in page
    assert (site / "files" / "configs" / "five-class-3d.yaml").read_bytes() == (
        ROOT / "configs" / "five-class-3d.yaml"
    ).read_bytes()


@pytest.mark.slow
def test_links_within_the_site_lead_somewhere(site: Path) -> None:
    found = 0
    for page in site.rglob("*.html"):
        for target in re.findall(r'(?:href|src)="([^"#?]+)', page.read_text()):
            if not re.match(r"(https?|mailto|data|javascript):", target) and page.name != "404.html":
                assert (page.parent / unquote(target)).exists(), f"{page.relative_to(site)} links to {target}"
                found += 1
    assert found > 1000
    front = (site / "index.html").read_text()
    notebooks = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert [name for name in notebooks if f'href="files/notebooks/{name}"' in front] == notebooks


@pytest.mark.slow
def test_the_site_is_searched_from_the_disk(site: Path, tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no browser: no Chromium is installed")
    seen = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000",
         f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"{(site / 'index.html').as_uri()}?q=dead+wires"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    found = re.findall(r'<a[^>]*href="([^"]+)"[^>]*class="md-search-result__link"', seen.stdout)
    assert any("detectors.html" in target for target in found), found


@pytest.mark.slow
def test_nothing_is_fetched(site: Path) -> None:
    fetched = re.compile(r"<(?:script|img|link|iframe)[^>]+(?:src|href)=\"?(?:https?:)?//", re.IGNORECASE)
    for page in site.rglob("*.html"):
        assert not fetched.search(page.read_text()), page
