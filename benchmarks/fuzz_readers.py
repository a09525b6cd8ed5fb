"""Fuzz the readers of files with atheris, which follows what code an input reaches.

    pip install atheris                                      # for Python 3.11 to 3.13, Linux
    python benchmarks/fuzz_readers.py READER CORPUS -max_total_time=600

READER is events, config, detector or weights (their card); CORPUS a folder of files to start
from, to which those that reach new code are added (`-help=1` lists more of
libFuzzer's options). An error of argoscope's own classes is what a reader
should answer; any other ends the run with the input kept as crash-*. The
C libraries of HDF5 are not instrumented, so it is our Python that is followed;
their crashes end the run too, and are what the guarded child is for.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["argoscope", "uproot"]):
    # Readers import what they need when they need it: too late to be followed.
    for module in (
        "argoscope.detectors",
        "argoscope.files.catalogue",
        "argoscope.files.edepsim",
        "argoscope.files.geant4_steps",
        "argoscope.files.header",
        "argoscope.files.larcv3",
        "argoscope.files.larcv_root",
        "argoscope.files.microboone",
        "argoscope.files.pilarnet",
        "argoscope.files.spine",
        "argoscope.models.weights",
        "argoscope.training.config",
    ):
        importlib.import_module(module)
    from argoscope.benchmarks._malformed import READERS
    from argoscope.errors import ArgoscopeError


def main() -> None:
    """Fuzz the reader that the command line names."""
    name = sys.argv.pop(1)
    read = READERS[name]
    suffix = {"events": ".h5", "weights": ".json"}.get(name, ".yaml")
    # Kept in memory where the system has such a folder: a million files are written.
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
    with tempfile.TemporaryDirectory(dir=place) as folder:
        path = Path(folder) / f"input{suffix}"

        def one(data: bytes) -> None:
            path.write_bytes(data)
            try:
                read(path)
            except ArgoscopeError:
                return

        atheris.Setup(sys.argv, one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
