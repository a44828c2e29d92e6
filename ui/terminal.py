"""How the command line speaks: language, progress, problems. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import itertools
import locale
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from layers.words import LANGUAGES, say
from reports.writing import require_writable
from ui.engine import EXPECTED, Outcome, open_and_study, problem_texts, step_text
from ui.engine import Progress as Report

UNUSABLE = 2
"""Exit code for input that cannot be used."""


def default_language(arguments: Sequence[str] = ()) -> str:
    """The language to speak: ``--lang`` among the arguments, else CUNZHI_LANG, else the system's; Chinese where it names none.

    Examples
    --------
    >>> default_language(["run", "--lang", "en"]), default_language(["--lang=zh"])
    ('en', 'zh')
    """
    given = [after for before, after in itertools.pairwise(arguments) if before == "--lang"]
    given += [argument.removeprefix("--lang=") for argument in arguments if argument.startswith("--lang=")]
    for choice in (*given[-1:], os.environ.get("CUNZHI_LANG")):
        if choice in LANGUAGES:
            return str(choice)
    spoken = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), None)
    spoken = (spoken or locale.getlocale()[0] or "").split(".")[0]
    return "zh" if spoken in ("", "C", "POSIX") or spoken.lower().startswith(("zh", "chinese")) else "en"


def out() -> Console:
    """Where results go. Made anew each time, so that it follows a redirected stdout."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())


def err() -> Console:
    """Where progress and problems go."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=not sys.stderr.isatty())


def tell_problems(texts: Sequence[str], language: str) -> None:
    """Every problem on stderr, one a line, under a heading."""
    console = err()
    console.print(f"[bold red]{escape(say('cli.errors.head', language, count=len(texts)))}[/]")
    for text in texts:
        console.print(f"  - {escape(text)}")


@contextmanager
def progress_bar(task: str, language: str) -> Iterator[Report]:
    """A bar for one long step; yields what to call with a step's id and the share done. Silent where stderr is no terminal."""
    console = err()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        job = bar.add_task(say(f"cli.steps.{task}", language), total=1.0)

        def report(step: str, share: float) -> None:
            bar.update(job, completed=min(max(share, 0.0), 1.0), description=escape(step_text(step, language, task=task)))

        yield report


def studied(
    county: Path, folder: Path, scenario: Path | None, language: str, *, plan_next: bool = False,
) -> tuple[Outcome | None, list[str]]:
    """The county opened and studied for results in `folder`, or None; and every problem with either, in words.

    `plan_next` as in `ui.engine.open_and_study`.
    """
    texts: list[str] = []
    outcome: Outcome | None = None
    try:
        require_writable(folder)
    except EXPECTED as error:
        texts += problem_texts(error, language)
    try:
        with progress_bar("open", language) as progress:
            outcome = open_and_study(county, scenario_path=scenario, progress=progress, plan_next=plan_next)
    except EXPECTED as error:
        texts += problem_texts(error, language)
    return outcome, texts
