"""A paper reproduced: its studies run into a folder, resumed or started anew, and said as a report.

Each paper is a `Paper`: its title, its sizes at both scales, its studies. What
they share stands here: the folder, the inputs, the introduction, and the list
of what only the full scale gives.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from argoscope.errors import InvalidArgument, require_known
from argoscope.files.atomic import require_folder, writing
from argoscope.files.catalogue import open_events
from argoscope.files.locks import LOCK, alone_in
from argoscope.files.provenance import file_facts, provenance_block
from argoscope.models.cards import card_path, read_card
from argoscope.papers.report import write_report
from argoscope.papers.study import Context, Report, Scale, Section, Study, Table, run_studies

__all__ = ["Paper", "Part", "reproduce", "studies_of"]

MODEL_SETTINGS = ("models", "weights_sha256")
"""Settings that matter to studies of finished models alone; the others stay when another model is named."""
OWN_FOLDERS = ("studies", "samples", "runs")
"""What a reproduction makes besides its report and figures."""


class Part(NamedTuple):
    """A study of a paper, whatever its sizes.

    Parameters
    ----------
    name : str
    find : callable
        Takes the context and the paper's sizes, gives the section.
    full : str
        What only the full scale gives.
    of_models : bool
        Whether finished models change its numbers.
    """

    name: str
    find: Callable[[Context, Any], Section]
    full: str
    of_models: bool = False


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What is particular to the reproduction of a paper.

    Parameters
    ----------
    name : str
        Of the command.
    title : str
    reference : str
        The paper, and what of it is reproduced.
    measures : str
        What the numbers are, and what their intervals hold.
    sizes : mapping of {"small", "full"} to dataclass
    parts : tuple of Part
        In the order of the report.
    """

    name: str
    title: str
    reference: str
    measures: str
    sizes: Mapping[Scale, Any]
    parts: tuple[Part, ...]


def studies_of(paper: Paper, sizes: Any) -> list[Study]:
    """The studies of a paper at some sizes, in the order of the report.

    Examples
    --------
    >>> from argoscope.papers.paper4 import PAPER
    >>> [study.name for study in studies_of(PAPER, PAPER.sizes["small"])][:3]
    ['sample', 'headline', 'table3']
    """
    return [
        Study(part.name, _with(part.find, sizes), part.full, () if part.of_models else MODEL_SETTINGS)
        for part in paper.parts
    ]


def _with(find: Callable[[Context, Any], Section], sizes: Any) -> Callable[[Context], Section]:
    return lambda context: find(context, sizes)


def reproduce(
    paper: Paper,
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
    sizes: Any = None,
) -> dict[str, Any]:
    """Reproduce a paper into a folder.

    Parameters
    ----------
    paper : Paper
    folder : Path
        Gets report.html, report.json, figures, and what they were made from.
    scale : {"small", "full"}
    data : sequence of Path
        Real files, in place of simulated ones with such images.
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
    sizes : dataclass, optional
        Others than the scale's.

    Returns
    -------
    dict
        ``report`` (path), ``numbers`` (path of its JSON), ``scale``, ``studies`` (title and seconds of each).

    Raises
    ------
    InvalidArgument
        If the folder has a reproduction and neither `resume` nor `overwrite`, or another process works in it, or a model or
        study is unknown.
    UnreadableFile
        If a file of `data` cannot be read.
    Stopped
        If `stop` said so.
    """
    for name in only:
        require_known(name, [part.name for part in paper.parts], "there is no study")
    sizes = paper.sizes[scale] if sizes is None else sizes
    settings = {"paper": paper.name, "sizes": asdict(sizes), **_inputs(data, models)}
    require_folder(folder)
    with alone_in(folder):
        _open_folder(
            folder,
            Context(folder, scale, 1, settings).mark(MODEL_SETTINGS),
            resume=resume,
            overwrite=overwrite,
        )
        context = Context(
            folder, scale, workers, settings, report or (lambda *_: None), stop or (lambda: False)
        )
        parts = studies_of(paper, sizes)
        sections = run_studies(parts, context, only=only)
        shown = [*sections, *([_only_full(paper, parts, folder)] if scale == "small" else [])]
        block = provenance_block(command, configuration=settings)
        page = write_report(folder, paper.title, _introduction(paper, scale, data), shown, block)
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
    """Refuse a folder with other work; samples and runs in it belong to one paper, scale and data."""
    note = folder / "studies" / "reproduction.sha256"
    if resume and note.exists() and note.read_text() != mark and not overwrite:
        raise InvalidArgument(
            f"{folder} holds a reproduction of another paper or scale, other data or another version: choose another folder, or "
            "start anew with --overwrite"
        )
    if (folder / "studies").exists() and overwrite:
        for name in OWN_FOLDERS:
            shutil.rmtree(folder / name, ignore_errors=True)
    elif not resume and any(path.name != LOCK for path in folder.iterdir()):
        raise InvalidArgument(
            f"the output {folder} is not empty: go on with --resume, or start anew with --overwrite"
        )
    with writing(folder):
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(mark)


def _introduction(paper: Paper, scale: Scale, data: Sequence[Path]) -> str:
    where = (
        f"Images are from {', '.join(path.name for path in data)} where a study needs such images, else simulated."
        if data
        else "All images are simulated by argoscope; none is the paper's own."
    )
    size = (
        "This is the small scale: sizes are given with every number, and where images, networks or trainings are smaller than "
        "the paper's, its numbers stand beside ours to compare trends, not values. What only the full scale gives is at the end."
        if scale == "small"
        else "This is the full scale: the paper's images, networks and trainings."
    )
    return f"{paper.reference}\n\n{where} {size}\n\n{paper.measures}"


def _only_full(paper: Paper, parts: list[Study], folder: Path) -> Section:
    """What the small scale leaves to the full one, and the commands."""
    rows = tuple(
        (study.name, study.full, _full_command(paper, folder, study.name)) for study in parts if study.full
    )
    return Section(
        "What only the full scale gives",
        "The full scale takes weeks on a CPU: each study is a command of its own, and goes on with --resume.",
        (Table("By study", ("study", "what", "command"), rows),),
    )


def _full_command(paper: Paper, folder: Path, name: str) -> str:
    target = folder.with_name(f"{folder.name}-full")
    return shlex.join(
        [
            "argoscope",
            "reproduce",
            paper.name,
            "--scale",
            "full",
            "--only",
            name,
            "-o",
            str(target),
            "--resume",
        ]
    )
