"""From file to picture or page: what the command line runs, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from argoscope.display.render import SUFFIXES, render_events, render_file
from argoscope.errors import InvalidArgument, StorageError
from argoscope.events import Event
from argoscope.files.larcv3 import Larcv3File

SIGNATURES = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml", ".html": b"<!DOCTYPE html>"}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_suffix_decides(suffix: str, planes: Event, memory_file, tmp_path: Path) -> None:
    output = tmp_path / f"event{suffix}"
    answer = render_events(memory_file(planes), 0, str(output))
    assert output.read_bytes().startswith(SIGNATURES[suffix])
    assert json.loads(json.dumps(answer)) == answer
    assert (answer["format"], answer["pixels"], answer["bytes"]) == (
        suffix[1:],
        [[30, 20, 0]],
        output.stat().st_size,
    )
    assert sum(answer["classes"][0]["origin"].values()) == 50


def test_capital_suffixes_are_known(planes: Event, memory_file, tmp_path: Path) -> None:
    assert render_events(memory_file(planes), 0, str(tmp_path / "A.PNG"))["format"] == "png"


def test_an_unknown_suffix_is_refused_before_the_file_is_opened(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"neither a picture nor a page. Did you mean '.png'\?"):
        render_file("nowhere.h5", 0, str(tmp_path / "a.pngg"))


def test_an_existing_output_is_kept_unless_it_may_go(planes: Event, memory_file, tmp_path: Path) -> None:
    output = tmp_path / "a.png"
    output.write_text("mine")
    with pytest.raises(InvalidArgument, match=r"exists.*--overwrite"):
        render_events(memory_file(planes), 0, str(output))
    assert output.read_text() == "mine"
    with pytest.raises(InvalidArgument, match=r"exists.*--overwrite"):
        render_file("nowhere.h5", 0, str(output))  # said before a long file is opened
    render_events(memory_file(planes), 0, str(output), overwrite=True)
    assert output.read_bytes().startswith(SIGNATURES[".png"])


def test_a_missing_folder_is_named(planes: Event, memory_file, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"folder .* does not exist"):
        render_events(memory_file(planes), 0, str(tmp_path / "no" / "a.png"))


def test_an_event_outside_the_file_is_refused(planes: Event, memory_file, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"event \(=3\) must be one of the 1"):
        render_events(memory_file(planes), 3, str(tmp_path / "a.png"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_failure_leaves_nothing_behind(suffix: str, planes: Event, memory_file, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"no layer 'chrage'\. Did you mean 'charge'"):
        render_events(memory_file(planes), 0, str(tmp_path / f"a{suffix}"), layers=["chrage"])
    assert list(tmp_path.iterdir()) == []


def test_several_events_make_pages(planes: Event, volume: Event, memory_file, tmp_path: Path) -> None:
    file = memory_file(planes, volume, planes)
    answer = render_events(file, 0, str(tmp_path / "a.pdf"), last_event=2)
    assert answer["events"] == [0, 1, 2]
    assert (tmp_path / "a.pdf").read_bytes().count(b"/Type /Page ") == 3
    with pytest.raises(InvalidArgument, match="a PNG shows one event, not 3"):
        render_events(file, 0, str(tmp_path / "a.png"), last_event=2)
    with pytest.raises(InvalidArgument, match="must not stand before"):
        render_events(file, 2, str(tmp_path / "a.html"), last_event=1)


def test_a_picture_leaves_out_what_it_has_no_room_for_and_says_so(
    volume: Event, memory_file, tmp_path: Path
) -> None:
    image = volume.images[0]
    image = image.with_labels(ancestor=image.labels["instance"], semantic=image.labels["origin"])
    event = Event(volume.id, (image,))
    answer = render_events(memory_file(event), 0, str(tmp_path / "a.png"))
    assert (answer["layers"], answer["left_out"]) == (
        ["charge", "semantic", "origin"],
        ["instance", "ancestor"],
    )
    assert render_events(memory_file(event), 0, str(tmp_path / "a.html"))["left_out"] == []


def test_file_names_cannot_break_the_page(planes: Event, memory_file, tmp_path: Path) -> None:
    file = memory_file(planes)
    file.path = Path("</script><script>alert(1)</script>.h5")
    render_events(file, 0, str(tmp_path / "a.html"))
    assert "alert(1)</script>" not in (tmp_path / "a.html").read_text()


def test_a_page_asks_for_nothing_from_outside(planes: Event, memory_file, tmp_path: Path) -> None:
    render_events(memory_file(planes), 0, str(tmp_path / "a.html"))
    page = (tmp_path / "a.html").read_text()
    assert "http://" not in page
    assert "https://" not in page
    assert "default-src 'none'" in page


def test_reading_and_scenes_load_no_matplotlib() -> None:
    code = "import sys, argoscope.files.larcv3, argoscope.display.scene, argoscope.display; print('matplotlib' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


@pytest.mark.real
@pytest.mark.parametrize("event", [0, 1, 2])
def test_sbnd_events_are_drawn(event: int, real_data: Path, tmp_path: Path) -> None:
    with Larcv3File(real_data / "sbnd_larcv3_events0-2.h5") as file:
        answer = render_events(file, event, str(tmp_path / "a.png"))
        pixels = [len(image) for image in file.event(event).images]
    assert answer["pixels"] == [pixels]
    assert answer["layers"] == ["charge", "origin", "instance"]
    assert answer["classes"][0]["origin"]["neutrino"] > 100


@pytest.mark.real
def test_twenty_sbnd_events_fit_a_page(real_data: Path, tmp_path: Path) -> None:
    with Larcv3File(real_data / "sbnd_larcv3_events0-2.h5") as file:
        answer = render_events(file, 0, str(tmp_path / "a.html"), last_event=2)
    assert answer["bytes"] / 3 * 20 < 15e6


@pytest.mark.real
@pytest.mark.parametrize(
    "name", ["sbnd_larcv3_events0-2.h5", "microboone_larcv1_5protons.root", "geant4_muon_steps.h5"]
)
def test_every_sample_is_drawn_through_the_catalogue(name: str, real_data: Path, tmp_path: Path) -> None:
    answer = render_file(str(real_data / name), 0, str(tmp_path / "a.png"))
    assert np.sum(answer["pixels"]) > 200
