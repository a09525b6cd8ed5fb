"""Paper 4 reproduced: what simulation can give of its tables and figures, without Michel electron reconstruction.

Small: two cores, under half an hour. Samples are windows and networks a
quarter as wide; finished weights give the headline rows. Full: the paper's own
events, steps and widths, which take weeks without accelerators.

References
----------
Domine & Terao, Phys. Rev. D 102 (2020) 012005, arXiv:1903.05663.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from argoscope.errors import InvalidArgument
from argoscope.files.atomic import writing
from argoscope.files.catalogue import open_events
from argoscope.files.provenance import file_facts, provenance_block
from argoscope.models.weights import card_path, read_card
from argoscope.papers.paper4_studies import (
    architecture,
    costs,
    dense_sparse,
    headline,
    image_sizes,
    labels,
    limits,
    mistakes,
    occupancy,
    uniformity,
)
from argoscope.papers.paper4_studies.sizes import FULL, SMALL, Sizes
from argoscope.papers.report import write_report
from argoscope.papers.study import Context, Report, Scale, Section, Study, Table, run_studies

__all__ = ["reproduce", "studies"]

TITLE = "Paper 4: scalable deep convolutional networks for sparse, locally dense LArTPC data"
SIZES: dict[Scale, Sizes] = {"small": SMALL, "full": FULL}
OF_MODELS = ("headline", "mistakes")
"""Studies of finished models; the others stay when another one is named."""
MODEL_SETTINGS = ("models", "weights_sha256")
OWN_FOLDERS = ("studies", "samples", "runs")
"""What a reproduction makes besides its report and figures."""


def studies(sizes: Sizes) -> list[Study]:
    """The studies of paper 4 in the order of the report.

    Examples
    --------
    >>> [study.name for study in studies(SMALL)][:3]
    ['sample', 'headline', 'table3']
    """
    made: list[tuple[str, Callable[[Context, Sizes], Section], str]] = [
        ("sample", occupancy.find, "20,000 events of each size in place of 500"),
        ("headline", headline.find, "20,000 test events in place of 500 and 100"),
        ("table3", architecture.find, "512 px images, 8 to 32 filters, 30,000 steps of 64 events"),
        (
            "table4",
            image_sizes.find,
            "images of 192, 512 and 768 px; 16 filters; the realism guard on a finished network",
        ),
        ("table5", labels.find, "512 px images, 32 filters, 30,000 steps of 64 events"),
        (
            "dense",
            dense_sparse.find,
            "training the dense network at 192 px with 16 filters (the paper: 212 h on a V100)",
        ),
        ("scores", uniformity.find, "512 px images, 16 filters, batch 88, 40,000 steps"),
        (
            "costs",
            costs.find,
            "dense training at 192 px (over 100 GB), dense inference at batch 4, 2D batches to 88 and 1,000",
        ),
        ("limits", limits.find, "the curve of data up to 80,000 events"),
        ("mistakes", mistakes.find, "20,000 test events in place of 500"),
    ]
    return [
        Study(name, _with(find, sizes), full, () if name in OF_MODELS else MODEL_SETTINGS)
        for name, find, full in made
    ]


def _with(find: Callable[[Context, Sizes], Section], sizes: Sizes) -> Callable[[Context], Section]:
    return lambda context: find(context, sizes)


def reproduce(
    folder: Path,
    *,
    scale: Scale = "small",
    data: Sequence[Path] = (),
    models: Sequence[str] = (),
    only: Sequence[str] = (),
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    command: str = "",
    report: Report | None = None,
    stop: Callable[[], bool] | None = None,
    sizes: Sizes | None = None,
) -> dict[str, Any]:
    """Reproduce paper 4 into a folder.

    Parameters
    ----------
    folder : Path
        Gets report.html, report.json, figures, and what they were made from.
    scale : {"small", "full"}
    data : sequence of Path
        Real files, in place of simulated ones of their size.
    models : sequence of str
        Finished models of the headline rows; the shipped one if empty.
    only : sequence of str
        Studies to be run; all if empty.
    workers : int
        Processes that simulate.
    resume : bool
        Go on with an interrupted reproduction; a finished one is left as it is.
    overwrite : bool
        Start anew in a folder that has one.
    command : str
        The command line, for the provenance.
    report : callable, optional
        Called as report(what, done, total).
    stop : callable, optional
        Asked now and then; true ends the work, which can be resumed.
    sizes : Sizes, optional
        Others than the scale's.

    Returns
    -------
    dict
        ``report`` (path), ``numbers`` (path of its JSON), ``scale``, ``studies`` (title and seconds of each).

    Raises
    ------
    InvalidArgument
        If the folder has a reproduction and neither `resume` nor `overwrite`, or a model or study is unknown.
    UnreadableFile
        If a file of `data` cannot be read.
    Stopped
        If `stop` said so.
    """
    sizes = sizes or SIZES[scale]
    settings = {"sizes": asdict(sizes), **_inputs(data, models)}
    _open_folder(
        folder, Context(folder, scale, 1, settings).mark(MODEL_SETTINGS), resume=resume, overwrite=overwrite
    )
    context = Context(folder, scale, workers, settings, report or (lambda *_: None), stop or (lambda: False))
    parts = studies(sizes)
    sections = run_studies(parts, context, only=only)
    shown = [*sections, *([_only_full(parts, folder)] if scale == "small" else [])]
    block = provenance_block(command, configuration=settings)
    page = write_report(folder, TITLE, _introduction(scale, data), shown, block)
    return {
        "report": str(page),
        "numbers": str(folder / "report.json"),
        "scale": scale,
        "studies": [{"title": section.title, "seconds": section.seconds} for section in sections],
    }


def _inputs(data: Sequence[Path], models: Sequence[str]) -> dict[str, Any]:
    """Files and models with their digests; those that are not there are refused before any work."""
    for path in data:
        with open_events(path) as file:
            len(file)
    weights = [read_card(card_path(name))[1] for name in models]
    return {
        "data": [str(path) for path in data],
        "data_sha256": [file_facts(path)["sha256"] for path in data],
        "models": list(models),
        "weights_sha256": weights,
    }


def _open_folder(folder: Path, mark: str, *, resume: bool, overwrite: bool) -> None:
    """Make the folder, or refuse one that is in use; samples and runs in it belong to one scale and data."""
    note = folder / "studies" / "reproduction.sha256"
    if resume and note.exists() and note.read_text() != mark and not overwrite:
        raise InvalidArgument(
            f"{folder} holds a reproduction of another scale, other data or another version: choose another folder, or "
            "start anew with --overwrite"
        )
    if (folder / "studies").exists() and overwrite:
        for name in OWN_FOLDERS:
            shutil.rmtree(folder / name, ignore_errors=True)
    elif folder.exists() and any(folder.iterdir()) and not resume:
        raise InvalidArgument(
            f"the output {folder} is not empty: go on with --resume, or start anew with --overwrite"
        )
    with writing(folder):
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(mark)


def _introduction(scale: Scale, data: Sequence[Path]) -> str:
    where = (
        f"Images are from {', '.join(path.name for path in data)} where a study needs images of their size, else simulated."
        if data
        else "All images are simulated by argoscope, not the paper's public sample."
    )
    size = (
        "This is the small scale: sizes are given with every number, and where images, networks or trainings are smaller than "
        "the paper's, its numbers stand beside ours to compare trends, not values. What only the full scale gives is at the end."
        if scale == "small"
        else "This is the full scale: the paper's images, networks and trainings."
    )
    return (
        "Domine & Terao, Phys. Rev. D 102 (2020) 012005, arXiv:1903.05663: every table and figure that simulation can give, but "
        f"for the reconstruction of Michel electrons.\n\n{where} {size}\n\nAccuracies are fractions of the non-zero pixels, mean "
        "over events. Numbers in brackets are intervals that hold 68 %."
    )


def _only_full(parts: list[Study], folder: Path) -> Section:
    """What the small scale leaves to the full one, and the commands."""
    rows = tuple((study.name, study.full, _full_command(folder, study.name)) for study in parts if study.full)
    return Section(
        "What only the full scale gives",
        "The full scale takes weeks on a CPU: each study is a command of its own, and goes on with --resume.",
        (Table("By study", ("study", "what", "command"), rows),),
    )


def _full_command(folder: Path, name: str) -> str:
    target = folder.with_name(f"{folder.name}-full")
    return shlex.join(
        ["argoscope", "reproduce", "paper4", "--scale", "full", "--only", name, "-o", str(target), "--resume"]
    )
