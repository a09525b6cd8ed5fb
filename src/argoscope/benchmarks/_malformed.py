"""Damaged files: a seeded mutator, and a child that reads one mutant after another.

Every mutant is read whole, in a guarded child, as the commands read files. It
is whole (the damage hit nothing that matters, or only values), refused in one
sentence, or guarded: the library crashed or looped, and the parent said so.
Anything else is a bug, and so are more than `SLOW_SECONDS` of computing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.errors import ArgoscopeError, StorageError, UnreadableFile
from argoscope.files import guard

__all__ = ["malformed_rows", "mutate", "outcomes", "read_all"]

STALL_SECONDS = 10.0
SLOW_SECONDS = 5.0
"""Processor time of a mutant from which on it counts as a hang."""
MOST_MB = 1000.0
"""Resident memory of the child from which on it is ended, in 10^6 bytes."""


def mutate(content: bytes, rng: np.random.Generator) -> bytes:
    """Damage a file in one of the ways that disks, transfers and programs do."""
    data = np.frombuffer(content, dtype=np.uint8).copy()
    start = int(rng.integers(len(data)))
    length = int(min(rng.choice([1, 2, 4, 8, 64, 512]), len(data) - start))
    way = rng.choice(["flip", "bytes", "zero", "ones", "truncate", "copy"])
    if way == "flip":
        data[start] ^= np.uint8(1 << int(rng.integers(8)))
    elif way == "bytes":
        data[start : start + length] = rng.integers(0, 256, length)
    elif way == "zero":
        data[start : start + length] = 0
    elif way == "ones":
        data[start : start + length] = 255
    elif way == "truncate":
        data = data[: max(start, 1)]
    else:
        source = int(rng.integers(len(data) - length + 1))
        data[start : start + length] = data[source : source + length]
    return data.tobytes()


def _read_events(path: Path) -> None:
    from argoscope.files.catalogue import open_events
    from argoscope.files.header import verify
    from argoscope.files.larcv3 import Larcv3File

    with open_events(path) as file:
        file.describe()
        for index in range(len(file)):
            file.event(index)
            if hasattr(file, "record"):
                file.record(index)
        if isinstance(file, Larcv3File):
            verify(file.handle.file, file.path)


def _read_config(path: Path) -> None:
    from argoscope.training.config import load_config

    load_config(path)


def _read_detector(path: Path) -> None:
    from argoscope.detectors import load_detector

    load_detector(path)


def _read_weights(path: Path) -> None:
    from argoscope.models.weights import load_model

    load_model(path)


READERS: dict[str, Callable[[Path], None]] = {
    "events": _read_events,
    "config": _read_config,
    "detector": _read_detector,
    "weights": _read_weights,
}
"""What reads a kind of file."""


def read_all(kind: str, folder: str, names: list[str]) -> None:
    """Read every file of a list whole, saying how each went: runs in the child."""
    for number, name in enumerate(names):
        start = time.process_time()
        try:
            READERS[kind](Path(folder) / name)
            outcome = "whole"
        except ArgoscopeError as error:
            outcome = f"refused {error}"
        except Exception as error:  # anything else is a bug: say which mutant showed it
            outcome = f"bug {type(error).__name__}: {error}"
        if time.process_time() - start > SLOW_SECONDS:
            outcome = f"bug {name} took {time.process_time() - start:.1f} s: {outcome}"
        guard.say(outcome, number + 1, len(names))


def outcomes(original: Path, count: int, folder: Path, seed: int, *, kind: str = "events") -> dict[str, str]:
    """Read mutants of a file.

    Parameters
    ----------
    original : Path
    count : int
    folder : Path
        Where mutants are written.
    seed : int
    kind : str
        Of `READERS`.

    Returns
    -------
    dict of str to str
        How each went, by its name.
    """
    rng = np.random.default_rng(seed)
    content = original.read_bytes()
    names = []
    for number in range(count):
        mutant = mutate(content, rng)
        if kind == "weights":
            names.append(_weights_mutant(original, mutant, folder, number))
        else:
            names.append(f"mutant{number:04d}{original.suffix}")
            (folder / names[-1]).write_bytes(mutant)
    said: dict[str, str] = {}

    def note(what: str, _seconds: float, done: int, total: int) -> None:
        # Readers tell their own progress too.
        if what.split(maxsplit=1)[0] in {"whole", "refused", "bug"}:
            said[names[done - 1 + len(names) - total]] = what

    child = guard.Child(memory_mb=MOST_MB)
    try:
        while len(said) < count:
            left = names[len(said) :]
            try:
                child.call(
                    "argoscope.benchmarks._malformed:read_all",
                    {"kind": kind, "folder": str(folder), "names": left},
                    path=original,
                    stall_seconds=STALL_SECONDS,
                    progress=note,
                )
            except StorageError as error:
                said[names[len(said)]] = f"bug {error}"
            except UnreadableFile as error:
                # The library crashed or looped on the next mutant; the guard said so in one sentence.
                said[names[len(said)]] = f"guarded {error}"
    finally:
        child.close()
    return said


def _weights_mutant(original: Path, mutant: bytes, folder: Path, number: int) -> str:
    """Weights with a card that vouches for them, so that not the checksum alone is tried; every second with a damaged card."""
    import hashlib
    import json

    place = folder / f"mutant{number:04d}"
    place.mkdir()
    weights, card = place / original.name, original.with_suffix(".json")
    if number % 2:
        weights.write_bytes(original.read_bytes())
        rng = np.random.default_rng(number)
        (place / card.name).write_bytes(mutate(card.read_bytes(), rng))
    else:
        weights.write_bytes(mutant)
        described = json.loads(card.read_text())
        described["sha256"] = hashlib.sha256(mutant).hexdigest()
        (place / card.name).write_text(json.dumps(described))
    return f"{place.name}/{original.name}"


def malformed_rows(
    folder: Path, count: int, data: Path | None, say: Callable[[str], None]
) -> Iterator[dict[str, Any]]:
    """Mutants of what the package writes, of configurations and weights, and of the files of a folder.

    Yields
    ------
    dict
        ``name``, ``value`` (bugs), ``unit``, ``goal``, ``holds``, ``outcomes`` (how many mutants went how).
    """
    place = folder / "malformed"
    place.mkdir()
    for name, (kind, original) in _originals(place, data).items():
        say(f"{name}: {count} mutants")
        mutants = place / f"of-{name}"
        mutants.mkdir()
        said = outcomes(original, count, mutants, seed=len(name), kind=kind)
        how = Counter(what.split(maxsplit=1)[0] for what in said.values())
        bugs = [what for what in said.values() if what.startswith("bug")]
        yield {
            "name": f"{name}: bugs in {count} mutants", "value": float(len(bugs)), "unit": "", "goal": 0.0,
            "holds": not bugs, "outcomes": dict(how), "bugs": bugs[:5],
        }  # fmt: skip


def _originals(place: Path, data: Path | None) -> dict[str, tuple[str, Path]]:
    """Kind and path of the files that mutants are made of."""
    from argoscope.benchmarks.predict import untrained
    from argoscope.detectors import detector_named, dump_detector
    from argoscope.drawn import drawn_event
    from argoscope.files.convert import convert
    from argoscope.files.larcv3_write import write_events
    from argoscope.simulation.run import Order, simulate

    planes, volume = place / "planes.h5", place / "volume.h5"
    write_events(planes, [drawn_event(0)])
    simulate(Order(preset="cube-192", events=2, seed=3), volume)
    found = {"larcv3": ("events", planes), "larcv3 volume": ("events", volume)}
    for to in ("pilarnet-m", "spine"):
        convert(volume, place / f"{to}.h5", to=to, lossy=True)
        found[to] = ("events", place / f"{to}.h5")
    (place / "run.yaml").write_text(
        "name: tiny\nnetwork: {extends: paper4}\ndata: {train: {preset: cube-192, events: 9}}\nsteps: 5\n"
    )
    dump_detector(detector_named("microboone"), place / "detector.yaml")
    found |= {
        "configuration": ("config", place / "run.yaml"),
        "detector": ("detector", place / "detector.yaml"),
        "weights": ("weights", untrained(place, volume, {"extends": "paper4", "filters": 2, "depth": 2})),
    }
    for path in sorted(data.iterdir()) if data is not None else ():
        if path.is_file() and path.suffix in {".h5", ".hdf5", ".root"} and path.stat().st_size < 50_000_000:
            found[path.name] = ("events", path)
    return found
