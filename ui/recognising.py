"""`cunzhi recognise`: what each file of a folder is taken for and why, and the county.toml that says so."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import typer
from rich.markup import escape
from rich.table import Table

from layers.recognise import Proposal, Recognition, recognise, write_county
from layers.recognise.choose import LIST
from layers.recognise.write import evidence_text
from layers.words import say
from ui.terminal import UNUSABLE, out


def recognise_folder(folder: Path, target: Path | None, language: str) -> None:
    """Recognise a folder, show the table and write county.toml; exit code 2 where it cannot be opened yet or cannot be written.

    Raises
    ------
    typer.Exit
        With code 2, after the reason was printed.
    """
    try:
        found = recognise(folder)
    except NotADirectoryError:
        _stop("no_folder", language, path=folder)
    if not found.items:
        _stop("nothing", language, path=folder)
    out().print(table_of(found, language))
    target = target or folder / "county.toml"
    try:
        written = write_county(found, path=target, language=language)
    except FileExistsError:
        _stop("exists", language, path=target)
    except OSError as error:
        _stop("unwritable", language, path=target, problem=error.strerror or type(error).__name__)
    out().print(escape(say("recognise.cli.written", language, path=written)))
    if found.ties:
        out().print(escape(say("recognise.cli.ties_left", language, count=len(found.ties))))
    if not found.can_open:
        _stop("not_enough", language)


def table_of(found: Recognition, language: str) -> Table:
    """Layers with their sources and the evidence; then what is undecided, what was not used and what cannot be read."""
    table = Table(box=None, pad_edge=False)
    for name in ("role", "source", "why"):
        table.add_column(say(f"recognise.cli.{name}", language), overflow="fold")
    for role, options in found.chosen.items():
        for option in options:
            table.add_row(_role(option, language, listed=role == LIST), *_source_and_why(option, language))
    for tie in found.ties:
        for option in tie.options:
            undecided = f"{say('recognise.cli.tie', language)}: {_role(option, language)}"
            table.add_row(f"[yellow]{undecided}[/]", *_source_and_why(option, language))
    for item in found.unused:
        table.add_row(f"[dim]{say('recognise.cli.unused', language)}[/]", escape(item.source), "")
    for item in found.refused:
        text = item.refusal.text(language)
        table.add_row(f"[red]{say('recognise.cli.refused', language)}[/]", escape(item.source), escape(text))
    return table


def _source_and_why(option: Proposal, language: str) -> tuple[str, str]:
    return escape(option.item.source), escape(evidence_text(option, language))


def _role(option: Proposal, language: str, *, listed: bool = False) -> str:
    if listed:
        return say("recognise.cli.list", language)
    name = say(f"criteria.role.{option.role}", language)
    return f"{name} · {say(f'app.restriction.{option.kind}', language)}" if option.kind else name


def _stop(key: str, language: str, **values: object) -> NoReturn:
    typer.echo(say(f"recognise.cli.{key}", language, **values), err=True)
    raise typer.Exit(UNUSABLE)
