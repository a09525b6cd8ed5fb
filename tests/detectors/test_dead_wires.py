"""Dead wires: lists in files, the maps we know, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argoscope.detectors import (
    DeadWires,
    WeakWires,
    dead_wires_of,
    detector_named,
    gain_factors,
    load_dead_wires,
    parse_dead_wires,
    pixels_of,
)
from argoscope.detectors.dead_wire_maps import WEAK_WIRES
from argoscope.errors import InvalidArgument, UnreadableFile

MICROBOONE = detector_named("microboone")
SBND = detector_named("sbnd")


def test_text_list() -> None:
    dead = parse_dead_wires("# comment\n\n2 10-12  # more\n0 5\n2 11\n2\t7 - 8\n", MICROBOONE)
    assert dead.plane(2).tolist() == [7, 8, 10, 11, 12]
    assert dead.plane(0).tolist() == [5]
    assert dead.plane(1).tolist() == []
    assert dead.plane(1).dtype == np.int64


def test_csv_list() -> None:
    dead = parse_dead_wires("plane, wire, last\n2,10,12\n0,5,\n", MICROBOONE)
    assert dead == parse_dead_wires("2 10-12\n0 5", MICROBOONE)
    both = parse_dead_wires("wire,volume,plane\n5,1,0\n7,,0\n", SBND)
    assert (both.plane(0, 0).tolist(), both.plane(0, 1).tolist()) == ([7], [5, 7])


def test_volumes() -> None:
    dead = parse_dead_wires("1 3\n1 9 1", SBND)
    assert dead.plane(1, 0).tolist() == [3]
    assert dead.plane(1, 1).tolist() == [3, 9]


def test_empty_list() -> None:
    for text in ("", "# nothing\n"):
        assert parse_dead_wires(text, MICROBOONE) == DeadWires.of(MICROBOONE, [])


def test_first_and_last_wire() -> None:
    assert parse_dead_wires("2 0-3455", MICROBOONE).plane(2).tolist() == list(range(3456))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 1\n0 2400", "line 2: wire 2400 does not exist: plane 0 of microboone has wires 0 to 2399"),
        ("3 1", "line 1: plane 3 does not exist: microboone has planes 0 to 2"),
        ("0 1 1", "line 1: volume 1 does not exist: microboone has volumes 0 to 0"),
        ("0 9-8", "line 1: the run 9-8 ends before it starts"),
        ("0 1 2 3", "line 1: '0 1 2 3' must be 'plane wire' or 'plane first-last'"),
        ("0 -1", "line 1: '0 -1' must be"),
        ("0", "line 1: '0' must be"),
        ("0 " + "9" * 5000, "line 1: .* must be"),
        ("plane,wires\n0,1", "line 1: there is no column 'wires'. Did you mean 'wire'"),
        ("plane,last\n0,1", "line 1: the header must name the columns plane and wire"),
        ("plane,wire,wire\n0,1,1", "line 1: the header must name"),
        ("plane,wire\n0,1\n0", "line 3: '0' must have whole numbers for plane, wire"),
        ("plane,wire\n0,x", "line 2: '0,x' must have whole numbers"),
        ("plane,wire\n0,", "line 2: '0,' must have whole numbers"),
        ("plane,wire\n0,2400", "line 2: wire 2400 does not exist"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidArgument, match=f"^dead.txt: {message}"):
        parse_dead_wires(text, MICROBOONE, "dead.txt")


@given(text=st.text(alphabet="012-, #\nplanewirt", max_size=60))
def test_any_text_gives_a_map_or_our_error(text: str) -> None:
    try:
        dead = parse_dead_wires(text, MICROBOONE)
    except InvalidArgument:
        return
    assert all((np.diff(dead.plane(plane)) > 0).all() for plane in range(3))


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "dead.csv"
    path.write_text("\ufeffplane,wire\n0,1\n", encoding="utf-8")
    assert load_dead_wires(path, MICROBOONE).plane(0).tolist() == [1]
    with pytest.raises(UnreadableFile, match=r"absent\.txt: cannot be read"):
        load_dead_wires(tmp_path / "absent.txt", MICROBOONE)
    with pytest.raises(UnreadableFile, match="Is a directory"):
        load_dead_wires(tmp_path, MICROBOONE)
    path.write_bytes(b"0 1\n\xff")
    with pytest.raises(UnreadableFile, match="byte 4 is no UTF-8 text"):
        load_dead_wires(path, MICROBOONE)


def test_microboone_map() -> None:
    dead = dead_wires_of("microboone")
    assert dead is not None
    assert (dead.plane(2) + 4800).tolist() == [
        c for c in range(7136, 7264) if c not in {7200, 7215}
    ]  # channels
    assert dead.plane(0).tolist() == [446]
    assert dead.plane(1).tolist() == []
    assert dead.mask(2, np.array([2335, 2336, 2400, 2463, 2464])).tolist() == [
        False,
        True,
        False,
        True,
        False,
    ]


def test_sbnd_map() -> None:
    dead = dead_wires_of("sbnd")
    assert dead is not None
    assert [[len(dead.plane(plane, volume)) for plane in range(3)] for volume in range(2)] == [
        [0, 32, 38],
        [0, 0, 6],
    ]
    assert (dead.plane(1, 0) + 1984).tolist() == list(range(3232, 3264))  # channels of the eastern V plane
    assert (dead.plane(2, 1) + 5632 + 3968).tolist() == list(
        range(10438, 10444)
    )  # and of the western Y plane
    assert dead_wires_of("sbnd-2018") is None


def test_weak_wires_are_kept_apart() -> None:
    misconfigured, shorted = WEAK_WIRES["microboone"]
    assert len(misconfigured.wires) == 80 + 112 + 48
    assert (shorted.wires[0], shorted.wires[-1], shorted.least, shorted.most) == (296, 671, 0.3, 0.7)
    wires = np.arange(2400)
    factors = gain_factors("microboone", 0, wires)
    assert np.flatnonzero(factors != 1).tolist() == misconfigured.wires.tolist()
    assert set(factors) == {0.33, 1.0}
    assert set(gain_factors("microboone", 1, wires)) == {1.0}
    assert set(gain_factors("sbnd", 0, wires)) == {1.0}


def test_impossible_gain() -> None:
    with pytest.raises(InvalidArgument, match=r"least \(=0.5\) and most \(=0.4\)"):
        WeakWires(reason="x", plane=0, runs=((0, 1),), least=0.5, most=0.4)


def test_pixels_on_dead_wires_know_their_volume() -> None:
    dead = parse_dead_wires("2 100 1", SBND)
    z = 0.61 + 30.0  # cm; wire 100
    points = np.array([[-100.0, 0.0, z], [100.0, 0.0, z], [100.0, 0.0, z + 0.3]])
    pixels = pixels_of(SBND, points, 2).coordinates
    assert pixels[:, 0].tolist() == [292, 292, 293]
    assert dead.pixel_mask(SBND, 2, pixels).tolist() == [False, True, False]


def test_two_maps_joined() -> None:
    joined = parse_dead_wires("0 1", SBND) | parse_dead_wires("0 5 1\n0 1", SBND)
    assert (joined.plane(0, 0).tolist(), joined.plane(0, 1).tolist()) == ([1], [1, 5])
    with pytest.raises(InvalidArgument, match="of one detector"):
        _ = joined | parse_dead_wires("0 1", MICROBOONE)


@pytest.mark.parametrize(("plane", "volume"), [(3, 0), (-1, 0), (0, 1)])
def test_no_such_plane_or_volume(plane: int, volume: int) -> None:
    with pytest.raises(InvalidArgument, match="must be below 3 and 1"):
        parse_dead_wires("", MICROBOONE).plane(plane, volume)


def test_unsorted_maps_are_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"wires\[0\]\[0\] must be rising"):
        DeadWires((((3, 2),),))
