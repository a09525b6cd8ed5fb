"""What the site has beyond the pages of this folder, for MkDocs.

Pages made when the site is built: the README as its front page, the change log and the page for contributors,
the help of every command, and the API, a page a package, from the docstrings. Links out of `docs` lead to
the API where they name a module, else to a copy of the file.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from typer.main import get_command

from argoscope.cli.main import app

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "argoscope"
LEFT_OUT = {"cli", "benchmarks"}
"""Packages that are commands, told by their help."""
ROOT_PAGES = {"README.md": "index.md", "CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
"""Files beside `docs` that are pages, and their names on the site."""
EXAMPLE = re.compile(r"^Example: (argoscope .*)$", re.MULTILINE)
OUTSIDE = re.compile(r"\]\((?:\.\./)+((?:src|configs|notebooks)/[^)#]+)")


def on_config(config: Any) -> Any:
    """Put the found pages into the navigation."""
    config.nav = [filled(entry) for entry in config.nav]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are made here, and the files that pages link to."""
    made = {name: from_root((ROOT / source).read_text()) for source, name in ROOT_PAGES.items()}
    made["commands.md"] = commands_page()
    made |= {f"api/{package}.md": api_page(package) for package in packages()}
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    for path in sorted({*linked_files(files), "LICENSE", "CITATION.cff"}):
        files.append(File.generated(config, f"files/{path}", abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links out of `docs` to the API or to a copy of the file."""
    up = "../" * page.file.src_uri.count("/")
    return OUTSIDE.sub(lambda found: f"]({up}{target_of(found[1])}", markdown)


def on_post_build(config: Any) -> None:
    """Put the index of the search into a script too: a page opened from the disk may load scripts, not data."""
    index = Path(config.site_dir) / "search" / "search_index.json"
    index.with_suffix(".js").write_text(f"var __index = {index.read_text()}")


def filled(entry: Any) -> Any:
    """An entry of the navigation with what PAPERS and API stand for."""
    if entry == {"API": "API"}:
        return {"API": [{name_of(package): f"api/{package}.md"} for package in packages()]}
    if isinstance(entry, dict):
        return {
            title: [part for each in below for part in expanded(each)] if isinstance(below, list) else below
            for title, below in entry.items()
        }
    return entry


def expanded(entry: Any) -> list[Any]:
    """One entry, or a page a paper."""
    if entry != "PAPERS":
        return [entry]
    return [f"papers/{path.name}" for path in sorted((ROOT / "docs" / "papers").glob("*.md"))]


def from_root(text: str) -> str:
    """Text of a file beside `docs`, its links as seen from within."""
    for source, name in ROOT_PAGES.items():
        text = text.replace(f"]({source}", f"]({name}")
    text = re.sub(r"\]\((LICENSE|CITATION\.cff)\)", r"](files/\1)", text)
    return (
        text.replace("](docs/", "](")
        .replace("](configs/", "](../configs/")
        .replace("](notebooks/", "](../notebooks/")
    )


def target_of(path: str) -> str:
    """Where a file outside `docs` is on the site."""
    if not path.startswith("src/argoscope/"):
        return f"files/{path}"
    parts = Path(path).relative_to("src").with_suffix("").parts
    page = parts[1] if len(parts) > 2 else "index"
    return f"api/{page}.md#{'.'.join(parts)}"


def linked_files(files: Files) -> set[str]:
    """Files outside `docs` that a page links to and that are no modules."""
    found = {
        match[1] for file in files.documentation_pages() for match in OUTSIDE.finditer(file.content_string)
    }
    return {path for path in found if not path.startswith("src/")}


def packages() -> list[str]:
    """Packages with an API: the package itself first, as `argoscope`."""
    below = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
    return ["argoscope", *(name for name in below if name not in LEFT_OUT)]


def name_of(package: str) -> str:
    """Its name in an import."""
    return package if package == "argoscope" else f"argoscope.{package}"


def modules_of(package: str) -> list[str]:
    """Public modules of a package, the package first."""
    if package == "argoscope":
        return ["argoscope", *(f"argoscope.{path.stem}" for path in sorted(PACKAGE.glob("[a-z]*.py")))]
    names = []
    for path in sorted((PACKAGE / package).rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        if not any(part.startswith("_") for part in parts):
            names.append(".".join(parts))
    return sorted(names, key=lambda name: (name.count("."), name))


def api_page(package: str) -> str:
    """Directives that fill a page from the docstrings of a package: what it is for, then its modules.

    What a package takes from its modules stands with them alone.
    """
    first, *modules = modules_of(package)
    lines = [f"::: {first}", "    options: {heading_level: 1, members: false}"]
    lines += [line for module in modules for line in ("", f"::: {module}")]
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """The help of every command: what it is for, an example, its arguments and options."""
    root = get_command(app)
    lead = "What `argoscope COMMAND --help` prints, in one place.\n"
    parts = [help_of(command, names) for names, command in walk(root, ("argoscope",))]
    return "\n".join(["# Commands\n", lead, *parts])


def walk(command: Any, names: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any]]:
    """A command and all below it."""
    below = getattr(command, "commands", {}).items()
    return [(names, command), *(pair for name, each in below for pair in walk(each, (*names, name)))]


def help_of(command: Any, names: tuple[str, ...]) -> str:
    """A section of the page."""
    context = command.context_class(command, info_name=" ".join(names))
    usage = " ".join([*names, *command.collect_usage_pieces(context)])
    text = EXAMPLE.sub(r"```console\n\1\n```", inspect.cleandoc(command.help or ""))
    rows = [record for each in command.params if (record := option_row(each, context))]
    table = ["| | |", "|---|---|", *rows] if rows else []
    return "\n".join(
        [f"{'#' * (1 + len(names))} {' '.join(names)}\n", text, "", f"```text\n{usage}\n```", "", *table, ""]
    )


def option_row(option: Any, context: Any) -> str | None:
    """A row of the table of a command: name and help."""
    if option.param_type_name == "argument":
        return f"| `{in_cell(option.metavar or option.name.upper())}` | {in_cell(option.help or '')} |"
    record = option.get_help_record(context)
    return record and f"| `{in_cell(record[0])}` | {in_cell(record[1])} |"


def in_cell(text: str) -> str:
    """Text that a cell of a table can hold."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
