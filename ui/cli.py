"""The command line: `cunzhi demo`, `app`, `check`, `recognise`, `run`, `choose`, `report`, `replay`. The same engine as the app.

Exit codes: 0 success, 2 input (or an output folder) that cannot be used, with every problem on stderr, 3 a replay that came out
otherwise. Help and messages are in the
language of `ui.terminal.default_language`. Typer reads the annotations below as they stand, so they are not postponed here.
"""

import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from layers.findings import InputError
from layers.words import LANGUAGES, say
from reports.record import by_severity, counts, lacking_texts, layer_text, own_version
from reports.run import require_writable, write_run
from ui.engine import EXPECTED, READING, Outcome, problem_texts
from ui.launch import APP, FIRST_PORT, free_port, has_desktop, is_free, serve
from ui.memory import give_back_memory, leave
from ui.recognising import recognise_folder
from ui.terminal import UNUSABLE, default_language, out, progress_bar, studied, tell_problems

DEMO_FOLDER = Path(".demo")
_COLOURS = {"error": "red", "warning": "yellow", "info": "dim"}


def build(language: str) -> typer.Typer:
    """The command line with its help in a language.

    Parameters
    ----------
    language : str
        ``zh`` or ``en``; ``--lang`` given to a command wins for its messages.
    """
    def tell(key: str) -> str:
        return say(f"cli.{key}", language)

    panels: dict[str, Any] = {"rich_help_panel": tell("panels.options")}
    arguments: dict[str, Any] = {"rich_help_panel": tell("panels.arguments")}
    commands: dict[str, Any] = {"rich_help_panel": tell("panels.commands")}
    lang = typer.Option("--lang", help=tell("help.lang"), metavar="zh|en", **panels)
    scenario_option = typer.Option("--scenario", help=tell("help.scenario"), metavar="TOML", **panels)
    county_argument = typer.Argument(help=tell("help.county"), metavar="COUNTY.TOML", **arguments)
    root = typer.Typer(
        name="cunzhi", help=tell("help.app"), no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]}, add_completion=False,
    )

    def show_version(wanted: bool) -> None:
        if wanted:
            out().print(say("cli.version", language, version=own_version()))
            raise typer.Exit

    @root.callback()
    def common(
        context: typer.Context,
        version: Annotated[
            bool, typer.Option("--version", callback=show_version, is_eager=True, help=tell("help.version"), **panels),
        ] = False,
        lang: Annotated[str | None, lang] = None,
    ) -> None:
        context.obj = _language(lang, language)

    @root.command("demo", help=tell("help.demo"), **commands)
    def demo(
        context: typer.Context,
        folder: Annotated[Path, typer.Argument(help=tell("help.demo_folder"), **arguments)] = DEMO_FOLDER,
        seed: Annotated[int | None, typer.Option("--seed", help=tell("help.demo_seed"), **panels)] = None,
        lang: Annotated[str | None, lang] = None,
    ) -> None:
        _demo(folder, seed, _language(lang, context.obj))

    @root.command("app", help=tell("help.app_command"), **commands)
    def app_command(
        context: typer.Context,
        county: Annotated[Path | None, typer.Argument(help=tell("help.app_county"), metavar="[COUNTY.TOML]", **arguments)] = None,
        port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help=tell("help.app_port"), **panels)] = None,
        headless: Annotated[
            bool | None, typer.Option("--headless/--no-headless", help=tell("help.app_headless"), **panels),
        ] = None,
        scenario: Annotated[Path | None, scenario_option] = None,
        lang: Annotated[str | None, lang] = None,
    ) -> None:
        _app(county, port, headless, scenario, _language(lang, context.obj))

    @root.command("check", help=tell("help.check"), **commands)
    def check(
        context: typer.Context,
        county: Annotated[Path, county_argument],
        lang: Annotated[str | None, lang] = None,
    ) -> None:
        _check(county, _language(lang, context.obj))

    @root.command("recognise", help=say("recognise.cli.help", language), **commands)
    def recognise(
        context: typer.Context,
        folder: Annotated[Path, typer.Argument(help=say("recognise.cli.folder", language), metavar="DIR", **arguments)],
        target: Annotated[
            Path | None, typer.Option("--out", help=say("recognise.cli.out", language), metavar="COUNTY.TOML", **panels),
        ] = None,
        lang: Annotated[str | None, lang] = None,
    ) -> None:
        recognise_folder(folder, target, _language(lang, context.obj))

    @root.command("run", help=tell("help.run"), **commands)
    def run(
        context: typer.Context,
        county: Annotated[Path, county_argument],
        folder: Annotated[Path, typer.Option("--out", help=tell("help.out"), metavar="DIR", **panels)],
        scenario: Annotated[Path | None, scenario_option] = None,
        lang: Annotated[str | None, lang] = None,
    ) -> None:
        _run(county, folder, scenario, _language(lang, context.obj))

    @root.command("choose", help=say("plan.cli.help.choose", language), **commands)
    def choose(
        context: typer.Context,
        county: Annotated[Path, county_argument],
        folder: Annotated[Path, typer.Option("--out", help=tell("help.out"), metavar="DIR", **panels)],
        rules: Annotated[
            Path | None, typer.Option("--rules", help=say("plan.cli.help.rules", language), metavar="TOML", **panels),
        ] = None,
        scenario: Annotated[Path | None, scenario_option] = None,
        time_limit: Annotated[
            float, typer.Option("--time-limit", min=0.1, help=say("plan.cli.help.time_limit", language), **panels),
        ] = 30.0,
        lang: Annotated[str | None, lang] = None,
    ) -> None:
        from ui.choosing import choose_command

        chosen = _language(lang, context.obj)
        texts = choose_command(county, folder, rules, scenario, time_limit, chosen)
        if texts:
            raise _stop(texts, chosen)

    @root.command("guide", help=say("guide.cli.help", language), **commands)
    def guide(
        folder: Annotated[Path, typer.Option("--out", help=tell("help.out"), metavar="DIR", **panels)],
        pictures: Annotated[
            Path | None, typer.Option("--pictures", help=say("guide.cli.pictures", language), metavar="DIR", **panels),
        ] = None,
        scenario: Annotated[Path | None, scenario_option] = None,
        lang: Annotated[str | None, lang] = None,
    ) -> None:
        _guide(folder, pictures, scenario, _language(lang, language))

    @root.command("report", help=say("document.cli.help", language), **commands)
    def report(
        context: typer.Context,
        county: Annotated[Path, county_argument],
        folder: Annotated[Path, typer.Option("--out", help=tell("help.out"), metavar="DIR", **panels)],
        village: Annotated[
            str | None, typer.Option("--village", help=say("document.cli.village", language), metavar="CODE", **panels),
        ] = None,
        site: Annotated[str | None, typer.Option("--site", help=say("document.cli.site", language), metavar="ID", **panels)] = None,
        whole: Annotated[bool, typer.Option("--county", help=say("document.cli.county", language), **panels)] = False,
        form: Annotated[
            str | None, typer.Option("--form", help=say("document.cli.form", language), metavar="full|short|notice", **panels),
        ] = None,
        formats: Annotated[
            str, typer.Option("--format", help=say("document.cli.format", language), metavar="docx,pdf", **panels),
        ] = "docx,pdf",
        day: Annotated[
            str | None, typer.Option("--date", help=say("document.cli.date", language), metavar="YYYY-MM-DD", **panels),
        ] = None,
        rules: Annotated[
            Path | None, typer.Option("--rules", help=say("document.cli.rules", language), metavar="TOML", **panels),
        ] = None,
        scenario: Annotated[Path | None, scenario_option] = None,
        lang: Annotated[str | None, lang] = None,
    ) -> None:
        from ui.reporting import Request, report_command

        chosen = _language(lang, context.obj)
        texts = report_command(county, folder, scenario, Request(village, site, whole, form, formats, day, rules), chosen)
        if texts:
            raise _stop(texts, chosen)

    @root.command("replay", help=say("replay.cli.help", language), **commands)
    def replay(
        context: typer.Context,
        file: Annotated[Path, typer.Argument(help=say("replay.cli.file", language), metavar="FILE", **arguments)],
        folder: Annotated[Path, typer.Option("--out", help=tell("help.out"), metavar="DIR", **panels)],
        county: Annotated[
            Path | None, typer.Option("--county", help=say("replay.cli.county", language), metavar="COUNTY.TOML", **panels),
        ] = None,
        lang: Annotated[str | None, lang] = None,
    ) -> None:
        from ui.replaying import replay_command

        chosen = _language(lang, context.obj)
        code, texts = replay_command(file, folder, county, chosen)
        if texts:
            raise _stop(texts, chosen)
        raise typer.Exit(code)

    @root.command("warm-up", help=tell("help.warm_up"), hidden=True)
    def warm_up() -> None:
        from geo.warmup import compile_kernels
        from ui.ahead import compile_sources
        from ui.tiles import compile_drawing

        compile_kernels()
        compile_drawing()
        compile_sources()

    return root


def main() -> None:
    """Entry point of `cunzhi`."""
    try:
        _command_line()
    except SystemExit as ended:
        if isinstance(ended.code, int):   # so ends every command; other ends are for the interpreter
            leave(ended.code)
        raise


def _command_line() -> None:
    give_back_memory()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character must not end the run
    language = default_language(sys.argv[1:])
    try:
        build(language)(prog_name="cunzhi")
    except EXPECTED as error:
        tell_problems(problem_texts(error, language), language)
        sys.exit(UNUSABLE)


def _language(given: str | None, otherwise: str) -> str:
    if given is None:
        return otherwise
    if given not in LANGUAGES:
        raise typer.BadParameter(say("cli.errors.bad_lang", otherwise, value=given), param_hint="--lang")
    return given


def _stop(texts: list[str], language: str) -> typer.Exit:
    tell_problems(texts, language)
    return typer.Exit(UNUSABLE)


def _demo(folder: Path, seed: int | None, language: str) -> None:
    from layers.demo import make_demo

    steps: set[str] = set()
    try:
        require_writable(folder)
        with progress_bar("demo", language) as progress:
            def told(step: str, share: float) -> None:
                steps.add(step)
                progress(step, share)

            county = make_demo(folder, seed=seed, progress=told)
    except EXPECTED as error:
        raise _stop(problem_texts(error, language), language) from error
    except (RuntimeError, OSError) as error:
        raise _stop([say("cli.demo.failed", language, reason=error)], language) from error
    word = "ready" if len(steps) > 1 else "there"
    console = out()
    console.print(escape(say(f"cli.demo.{word}", language, path=county)))
    console.print(escape(say("cli.demo.next", language, path=county)))


def _app(county: Path | None, port: int | None, headless: bool | None, scenario: Path | None, language: str) -> None:
    county = county or DEMO_FOLDER / "county.toml"
    if not county.is_file():
        raise _stop([say("cli.app.no_county", language, path=county)], language)
    if not APP.is_file():
        raise _stop([say("cli.app.not_installed", language, path=APP)], language)
    if port is not None and not is_free(port):
        raise _stop([say("cli.app.port_taken", language, port=port, other=free_port(FIRST_PORT))], language)
    code = serve(
        county, port=port or free_port(), headless=not has_desktop() if headless is None else headless, language=language,
        scenario=scenario, on_ready=lambda url: out().print(escape(say("cli.app.address", language, url=url))),
    )
    if code:
        raise _stop([say("cli.app.stopped", language, code=code)], language)


def _check(path: Path, language: str) -> None:
    from layers.open import open_county

    try:
        with progress_bar("open", language) as progress:
            county = open_county(path, progress=lambda step, share: progress(f"{READING}{step}", share), cache=True)
    except InputError as error:
        raise _stop(problem_texts(error, language), language) from error
    console = out()
    layers = Table(title=escape(say("cli.check.title", language, county=county.name)), title_justify="left")
    for name in ("layer", "source", "rows", "crs", "encoding"):
        layers.add_column(say(f"cli.check.{name}", language), justify="right" if name == "rows" else "left", overflow="fold")
    for one in county.provenance:
        cells = (layer_text(one.role, language), one.source, f"{one.rows_out:,}", one.crs_as_read or "",
                 one.encoding_as_read or "")
        layers.add_row(*(escape(cell) for cell in cells))
    console.print(layers)
    for finding in by_severity(county.findings):
        label = say(f"report.severity.{finding.severity}", language)
        console.print(f"[{_COLOURS[finding.severity]}]{escape(label)}[/] {escape(finding.text(language))}")
    if not county.findings:
        console.print(say("cli.check.clean", language))
    console.print(say("cli.check.summary", language, **_by_severity(county.findings)))


def _run(path: Path, folder: Path, scenario: Path | None, language: str) -> None:
    from ui.saving import save_run

    begin = time.perf_counter()
    outcome, texts = studied(path, folder, scenario, language)
    if texts or outcome is None:
        raise _stop(texts, language)
    try:
        with progress_bar("write", language) as progress:
            write_run(
                outcome.study, outcome.county, folder, language=language, seconds=outcome.seconds,
                scenario_file=outcome.scenario_file, progress=progress,
            )
            save_run(outcome, folder, language=language, scenario=scenario)
    except EXPECTED as error:
        raise _stop(problem_texts(error, language), language) from error
    _tell_outcome(outcome, folder, time.perf_counter() - begin, language)


def _tell_outcome(outcome: Outcome, folder: Path, seconds: float, language: str) -> None:
    """The figures that matter, and where the files are."""
    counted = counts(outcome.study, outcome.county)
    candidates, villages = dict(counted["candidates"]), dict(counted["villages"])
    console = out()
    console.print(say("cli.run.candidates", language, good=candidates.pop("pass"), **candidates))
    console.print(say("cli.run.villages", language, ready=counted["villages_with_passing_site"], **villages))
    for text in lacking_texts(outcome.study, language):
        console.print(escape(text))
    console.print(say("cli.run.findings", language, **_by_severity(outcome.county.findings)))
    console.print(escape(say("cli.run.done", language, seconds=f"{seconds:.1f}", folder=folder)))


def _by_severity(findings: tuple) -> dict[str, int]:
    return {severity: sum(one.severity == severity for one in findings) for severity in ("error", "warning", "info")}


def _guide(folder: Path, pictures: Path | None, scenario: Path | None, language: str) -> None:
    from ui.guide import PICTURES, write_guide
    from ui.rules import load_scenario

    try:
        require_writable(folder)
        paths = write_guide(folder, load_scenario(scenario), pictures=pictures or PICTURES)
    except EXPECTED as error:
        raise _stop(problem_texts(error, language), language) from None
    for path in paths:
        out().print(escape(str(path)), soft_wrap=True)


app = build(default_language(sys.argv[1:]))

if __name__ == "__main__":
    main()
