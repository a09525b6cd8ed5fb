"""What `predict`, `simulate` and `convert` share when they make many files."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import update_wrapper
from inspect import Parameter, Signature, signature
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from argoscope.cli.output import (
    PARTIAL,
    Json,
    Overwrite,
    command_line,
    print_json,
    progress_reporter,
    stopped_by_signals,
)
from argoscope.errors import InvalidArgument, StorageError, UnreadableFile

if TYPE_CHECKING:
    from argoscope.jobs.plan import Plan
    from argoscope.jobs.run import Engine, Summary
    from argoscope.jobs.worker import Task

__all__ = [
    "EventsPerFile", "Farm", "ListFile", "all_inputs", "fetched", "plan_of_files", "require_there", "run_farm",
    "with_farm",
]  # fmt: skip

FILES = {".h5", ".hdf5", ".root"}
"""Suffixes that no folder of outputs has."""
MANY = "Many files"
"""Heading of these options in the help."""
ListFile = Annotated[
    Path | None,
    typer.Option(
        "--list", help="Text file with an input a line, more than a command line takes.", rich_help_panel=MANY
    ),
]


EventsPerFile = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Make of each file several, NAME-0000000.h5 and so on, with so many events at most.",
        rich_help_panel=MANY,
    ),
]


@dataclass(frozen=True, kw_only=True)
class Farm:
    """How files are worked on, one or many: options that commands share."""

    workers: Annotated[int, typer.Option(min=1, help="Processes; over several files on Dask.")] = 1
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with an interrupted run; what it finished stays as it is."),
    ] = False
    overwrite: Overwrite = False
    json: Json = False
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, tls://HOST:PORT.", rich_help_panel=MANY)
    ] = None
    trust_network: Annotated[
        bool,
        typer.Option(
            "--trust-network", help="Allow a --scheduler elsewhere without encryption.", rich_help_panel=MANY
        ),
    ] = False
    cluster: Annotated[
        str | None, typer.Option(help="htcondor or slurm, whose jobs hold the workers.", rich_help_panel=MANY)
    ] = None
    config: Annotated[
        Path | None, typer.Option("--config", help="YAML of the jobs of --cluster.", rich_help_panel=MANY)
    ] = None
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print the submit file of --cluster, and end.", rich_help_panel=MANY),
    ] = False
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard", help="i/N: every N-th file from the i-th on, counted from 0.", rich_help_panel=MANY
        ),
    ] = None
    retries: Annotated[
        int, typer.Option(min=0, help="How often a file is tried again.", rich_help_panel=MANY)
    ] = 2
    memory: Annotated[
        float,
        typer.Option(min=100, help="MB of a worker; one that takes more is replaced.", rich_help_panel=MANY),
    ] = 4000.0

    def __post_init__(self) -> None:
        chosen = [name for name in ("scheduler", "cluster", "shard") if getattr(self, name) is not None]
        if len(chosen) > 1:
            raise InvalidArgument(f"--{chosen[0]} and --{chosen[1]} do not go together: choose one")
        if self.resume and self.overwrite:
            raise InvalidArgument("--resume goes on and --overwrite begins anew: choose one")
        if self.shard is not None and self.workers > 1:
            raise InvalidArgument("--shard works in one process: leave --workers out, and run more shards")
        if self.trust_network and self.scheduler is None:
            raise InvalidArgument("--trust-network goes with --scheduler")
        if self.cluster is None and (self.dry_run or self.config is not None):
            raise InvalidArgument("--config and --dry-run go with --cluster htcondor or --cluster slurm")

    @property
    def asked(self) -> bool:
        """Whether an option says that there are many files."""
        return any(value is not None for value in (self.scheduler, self.cluster, self.shard))


def with_farm(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Farm`, and their values as its last argument `farm`."""
    plain = [p for p in signature(command, eval_str=True).parameters.values() if p.name != "farm"]
    shared = list(signature(Farm, eval_str=True).parameters.values())

    def run(**values: Any) -> None:
        farm = Farm(**{option.name: values.pop(option.name) for option in shared})
        # From the first input that is looked at on: what a farm stops must go on, not fail.
        with stopped_by_signals():
            command(**values, farm=farm)

    parameters = [p.replace(kind=Parameter.KEYWORD_ONLY) for p in (*plain, *shared)]
    shaped: Any = update_wrapper(run, command)  # typer makes options of its signature
    shaped.__signature__ = Signature(parameters)
    shaped.__annotations__ = {p.name: p.annotation for p in parameters}
    del shaped.__wrapped__
    return run


def all_inputs(files: Sequence[str], list_file: Path | None) -> list[str]:
    """Inputs of the command line and of a list.

    Raises
    ------
    InvalidArgument
        If there is none.
    UnreadableFile
        If the list cannot be read.
    """
    inputs = [str(file) for file in files]
    if list_file is not None:
        try:
            # What editors of other systems write before the first line is no name.
            with list_file.open(encoding="utf-8-sig") as stream:
                lines = [line.strip() for line in stream]
                inputs += [line for line in lines if line and not line.startswith("#")]
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableFile(f"{list_file}: the list cannot be read ({error})") from error
    if not inputs:
        raise InvalidArgument("there is no input: name files, or a list of them with --list FILE")
    return inputs


def require_there(inputs: Sequence[str], farm: Farm) -> None:
    """Refuse paths that are not there, before any work.

    Addresses are found out about when it is their turn; so are all inputs of shards and of a run that goes on, where one
    that has vanished is no reason to leave the others.

    Raises
    ------
    UnreadableFile
    """
    from argoscope.files.safety import require_readable
    from argoscope.jobs.staging import is_remote

    if farm.resume or farm.shard is not None:
        return
    for source in inputs:
        if not is_remote(source) and not Path(source).exists():
            require_readable(Path(source))


def plan_of_files(
    target: str,
    inputs: Sequence[str],
    folder: Path,
    farm: Farm,
    *,
    options: Mapping[str, Any],
    facts: Mapping[str, Any] | None = None,
    each: int | None = None,
) -> Plan:
    """A job that works on every input: whole, or where `each` says so in ranges of events.

    Raises
    ------
    InvalidArgument
        If ranges are asked for of an input that is not on this machine.
    IntegrityError
        If what a job before left in the folder was altered.
    """
    from argoscope.jobs.counts import event_counts
    from argoscope.jobs.plan import Plan
    from argoscope.jobs.staging import is_remote

    counts: Sequence[int] = ()
    if each is not None:
        if far := next(filter(is_remote, inputs), None):
            raise InvalidArgument(
                f"--events-per-file opens every input to count its events, and {far} is not on this machine: fetch it "
                "first, or leave the option out"
            )
        with progress_reporter() as report:
            counts = event_counts(
                inputs,
                folder,
                most=options["events"],
                anew=farm.overwrite,
                memory_mb=farm.memory,
                report=report,
            )
    return Plan(
        target=f"argoscope.jobs.tasks:{target}",
        inputs=inputs,
        options=options,
        facts=facts or {},
        command=command_line(),
        counts=counts,
        each=each or 0,
    )


@contextmanager
def fetched(source: str) -> Iterator[Path]:
    """An input as a file of this machine, for the block."""
    from argoscope.jobs.staging import staged

    with TemporaryDirectory(prefix="argoscope-input-") as folder:
        yield Path(staged(source, Path(folder)))


def run_farm(plan: Plan, folder: Path, farm: Farm) -> None:
    """Run a job and end the command as it went: 0, 3 if nothing could be read, 4 if some was set aside, 6 for want of room.

    Raises
    ------
    InvalidArgument
        If the folder has the name of a file, or the order suits no input.
    UnreadableFile
        If every file was set aside.
    StorageError
        If disk or memory did not suffice for some.
    """
    from argoscope.jobs.plan import parse_shard
    from argoscope.jobs.run import run_job
    from argoscope.jobs.worker import Limits

    if folder.suffix in FILES and not folder.is_dir():
        raise InvalidArgument(
            f"output (={folder}) must be a folder for several files, not the name of one file"
        )
    if farm.dry_run:
        from argoscope.jobs.clusters import load_batch_config, submit_text

        typer.echo(submit_text(str(farm.cluster), load_batch_config(farm.config)))
        return
    with progress_reporter() as report:
        summary = run_job(
            plan,
            folder,
            _engine(farm, folder),
            shard=parse_shard(farm.shard) if farm.shard is not None else None,
            limits=Limits(memory_mb=farm.memory, retries=farm.retries, threads=0 if _alone(farm) else 1),
            resume=farm.resume,
            overwrite=farm.overwrite,
            told=lambda note: _say(note, folder, json=farm.json),
            report=report,
        )
    _end(summary, folder, farm)


def _alone(farm: Farm) -> bool:
    return farm.workers == 1 and not farm.asked


def _engine(farm: Farm, folder: Path) -> Engine:
    """The engine that the options name; its workers are had when there is work for them."""
    if _alone(farm) or farm.shard is not None:
        from argoscope.jobs.run import here

        return here
    return lambda tasks: _on_workers(farm, folder, tasks)


def _on_workers(farm: Farm, folder: Path, tasks: Iterator[Task]) -> Generator[dict[str, Any], None, None]:
    from argoscope.jobs import clusters
    from argoscope.jobs.dask_engine import on_dask

    if (first := next(tasks, None)) is None:
        return
    workers = farm.workers
    if farm.cluster is not None:
        config = clusters.load_batch_config(farm.config)
        workers = config.jobs * config.cores
        opened = clusters.batch_client(farm.cluster, config, folder)
    elif farm.scheduler is not None:
        opened = clusters.given_client(farm.scheduler, trusted=farm.trust_network)
    else:
        opened = clusters.local_client(workers)
    with opened as client:
        yield from on_dask(client, chain([first], tasks), workers=workers)


def _say(note: Mapping[str, Any], folder: Path, *, json: bool) -> None:
    """Say what became of a file."""
    for warning in note.get("warnings", ()):
        typer.echo(f"argoscope: {warning}", err=True)
    for event in note.get("events_set_aside", ()):
        typer.echo(f"argoscope: left out, event {event['event']}: {event['error']}", err=True)
    if "error" in note:
        typer.echo(f"argoscope: {note['error']}", err=True)
    elif not json:
        parts = note.get("parts_kept")
        how = f" ({parts} parts of the interrupted run were there)" if parts else ""
        typer.echo(f"{note.get('events')} events: {folder / note['output']}{how}")


def _end(summary: Summary, folder: Path, farm: Farm) -> None:
    if farm.json:
        from argoscope.jobs.ledger import note_lines
        from argoscope.jobs.plan import parse_shard

        label = parse_shard(farm.shard).label if farm.shard else ""
        print_json([note for _, note in note_lines(folder / f"manifest{label}.json")])
    elif summary.kept:
        typer.echo(f"{summary.kept} files finished before, left as they are")
        if summary.events_set_aside:
            typer.echo(
                f"{summary.events_set_aside} events are left out of files, see {folder}/manifest*.json"
            )
    if "StorageError" in summary.kinds:
        raise StorageError(
            f"of {summary.failed} files set aside some lacked disk or memory, see {folder}/manifest*.json: --resume tries them again"
        )
    if summary.failed and not summary.done:
        lead = f"none of the {summary.failed} files could be made, see {folder}/manifest*.json"
        raise InvalidArgument(lead) if summary.kinds == {"InvalidArgument"} else UnreadableFile(lead)
    if summary.failed or summary.events_set_aside:
        raise typer.Exit(PARTIAL)
