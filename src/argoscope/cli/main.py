"""The `argoscope` command: its subcommands, its exit codes, and how errors are said.

Exit codes: 0 done, 1 our own bug, 2 usage or configuration, 3 nothing
readable, 4 some inputs set aside, 5 integrity, 6 disk or memory, 75 stopped
but resumable, 130 interrupted. An error is one line on stderr, an unknown
command or option also shows the usage; `--debug` adds the traceback.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Annotated

import typer

from argoscope import __version__
from argoscope.cli import (
    batch,
    benchmark,
    convert,
    demo,
    display,
    evaluate,
    export,
    finish,
    info,
    masking,
    michel,
    models,
    predict,
    reproduce,
    robustness,
    select,
    simulate,
    status,
    train,
    validate,
    warm_up,
)
from argoscope.cli.apps import App
from argoscope.errors import ArgoscopeError

__all__ = ["app", "run"]

INTERRUPTED = 130
"""Exit code after Ctrl-C (128 + SIGINT)."""
STOPPED = "interrupted; nothing was left half written"


app = App(
    name="argoscope",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
START, NETWORKS, MEASURES, FILES, FARM = (
    "Start here",
    "Networks",
    "Measures",
    "Files and pictures",
    "Many files",
)
"""Headings of the commands in the help."""

app.command("demo", rich_help_panel=START)(demo.demo)
app.command("info", rich_help_panel=START)(info.info)
app.command("display", rich_help_panel=START)(display.display)
app.command("simulate", rich_help_panel=START)(simulate.simulate)
app.command("models", rich_help_panel=NETWORKS)(models.models)
app.command("predict", rich_help_panel=NETWORKS)(predict.predict)
app.command("train", rich_help_panel=NETWORKS)(train.train)
app.command("finish", rich_help_panel=NETWORKS)(finish.finish)
app.add_typer(evaluate.app, name="evaluate", rich_help_panel=MEASURES)
app.command("robustness", rich_help_panel=MEASURES)(robustness.robustness)
app.command("masking", rich_help_panel=MEASURES)(masking.masking)
app.add_typer(reproduce.app, name="reproduce", rich_help_panel=MEASURES)
app.command("validate", rich_help_panel=MEASURES)(validate.validate)
app.add_typer(benchmark.app, name="benchmark", rich_help_panel=MEASURES)
app.command("convert", rich_help_panel=FILES)(convert.convert)
app.command("export", rich_help_panel=FILES)(export.export)
app.add_typer(select.app, name="select", rich_help_panel=FILES)
app.add_typer(michel.app, name="reconstruct", rich_help_panel=FILES)
app.command("status", rich_help_panel=FARM)(status.status)
app.command("batch", rich_help_panel=FARM)(batch.batch)
app.command("warm-up", rich_help_panel=FARM)(warm_up.warm_up)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"argoscope {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Print the traceback of an error.")] = False,
) -> None:
    """Deep-learning reconstruction of liquid-argon time projection chamber images.

    Try `argoscope demo`, or `argoscope info FILE` with a file of your own; `argoscope COMMAND --help` has an example.
    """


def run() -> None:
    """Run the command line and exit with its code: the entry point of `argoscope`."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:  # noqa: PLR0911 - one return an exit code
    """Run the command line.

    Parameters
    ----------
    arguments : list of str
        What follows `argoscope`.

    Returns
    -------
    int
        The exit code.

    Examples
    --------
    >>> main(["--version"])
    argoscope 0.1.0
    0
    """
    debug = "--debug" in arguments
    # `--debug` may stand anywhere, as people append it to the command that failed.
    arguments = [argument for argument in arguments if argument != "--debug"]
    try:
        app(args=arguments, prog_name="argoscope")
        sys.stdout.flush()
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            return _failed(STOPPED, INTERRUPTED, debug)
        return int(stop.code or 0)
    except ArgoscopeError as error:
        return _failed(str(error), error.exit_code, debug)
    except MemoryError:
        return _failed(
            "memory does not suffice: read fewer events at once, or use a larger machine", 6, debug
        )
    except BrokenPipeError:
        # The reader of our output went away (`argoscope info ... | head`): no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # Our own files are written with their errors named; what is left is a name that the system does not even look
        # for (too long, a loop of links), and the terminal or the pipe.
        what = error.filename or "the answer could not be written"
        return _failed(f"{what}: {error.strerror or error}", 6, debug)
    except Exception as error:  # the last line of defence: say it is our bug
        if isinstance(error.__cause__, KeyboardInterrupt):
            # Ctrl-C within a compiled kernel comes as a SystemError.
            return _failed(STOPPED, INTERRUPTED, debug)
        return _failed(
            f"this is a bug of argoscope: {type(error).__name__}: {error}. Report: {_report()}", 1, debug
        )
    return 0


def _failed(message: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    sys.stderr.write(f"argoscope: {' '.join(message.split())}\n")
    return code


def _report() -> Path:
    """Write the traceback of the error at hand to a file and return its path."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="argoscope-bug-", suffix=".txt", delete=False, errors="backslashreplace"
    ) as stream:
        stream.write(f"argoscope {__version__}\ncommand: {' '.join(sys.argv)}\n\n{traceback.format_exc()}")
    return Path(stream.name)
