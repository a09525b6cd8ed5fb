"""A real browser without a window. It loads files only; nothing is fetched."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--force-device-scale-factor=1",
    "--enable-logging=stderr", "--window-size=1280,900", "--virtual-time-budget=10000",
)  # fmt: skip
ATTEMPTS = 3
"""The browser's clock runs ahead of the threads that unpack; on a loaded machine it may stop before they answer."""


@dataclass(frozen=True)
class Visit:
    """What a visit to a page gave."""

    answer: Any
    """What the script returned."""
    console: list[str]
    """Lines of the console."""
    dots: np.ndarray
    """The screenshot, shape (900, 1280, 3), uint8."""


@pytest.fixture(scope="session")
def browser() -> str:
    """Path of a Chromium; the test is skipped where there is none."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")


@pytest.fixture
def visit(browser: str, tmp_path: Path) -> Callable[..., Visit]:
    """Open a page, run a script in it, return its answer, the console and a screenshot."""

    def go(page: Path, script: str = "return null;", *flags: str) -> Visit:
        folder = tmp_path / f"visit{len(list(tmp_path.glob('visit*')))}"
        folder.mkdir()
        driven = folder / "page.html"
        driven.write_text(page.read_text(encoding="utf-8") + _driver(script), encoding="utf-8")
        for _ in range(ATTEMPTS):
            seen = _browse(
                browser, folder, f"--screenshot={folder / 'shot.png'}", "--dump-dom", *flags, driven.as_uri()
            )
            found = re.search(r'<pre id="answer"[^>]*>(.*?)</pre>', seen.stdout, re.DOTALL)
            if found:
                break
        assert found, f"the page gave no answer: {seen.stderr[-2000:]}"
        console = [line for line in seen.stderr.splitlines() if "CONSOLE" in line]
        with Picture.open(folder / "shot.png") as picture:
            dots = np.asarray(picture.convert("RGB"))
        return Visit(json.loads(html.unescape(found[1])), console, dots)

    return go


def _driver(script: str) -> str:
    return f"""<script>
(async () => {{
  const put = (value) => {{
    const place = document.createElement("pre");
    place.id = "answer"; place.hidden = true;
    place.textContent = JSON.stringify(value ?? null);
    document.body.append(place);
  }};
  const page = window.argoscope;
  try {{ await page.ready; put(await (async () => {{ {script} }})()); }}
  catch (error) {{ put({{ error: String(error), stack: error.stack }}); }}
}})();
</script>"""


def _browse(browser: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [browser, *FLAGS, f"--user-data-dir={folder / 'profile'}", *arguments],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
