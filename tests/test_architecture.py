"""The house rules that a machine can hold: who may import whom, words in both languages, pinned versions, README commands."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from layers.words import LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("geo", "layers", "reports", "ui")
MAY_IMPORT = {"geo": set(), "layers": set(), "reports": {"geo", "layers"}, "ui": {"geo", "layers", "reports"}}
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    allowed = MAY_IMPORT[package] | {package}
    assert _imports(path) & set(PACKAGES) <= allowed
    if package != "ui":
        assert not _imports(path) & {"streamlit", "streamlit_folium"}
    if package in ("geo", "reports"):
        assert not _imports(path) & {"pyogrio", "rasterio", "socket", "urllib", "requests", "osmnx"} - (
            {"pyogrio"} if package == "reports" else set()   # reports write GeoPackages
        )


def test_every_module_says_what_it_is_for() -> None:
    silent = [str(path.relative_to(ROOT)) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert silent == []


def test_modules_stay_rooms() -> None:
    long = {str(p.relative_to(ROOT)): n for p in MODULES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 500}
    assert long == {}


def test_both_languages_say_the_same_things() -> None:
    keys = {language: set(catalogue(language)) for language in LANGUAGES}
    assert keys["zh"] == keys["en"]
    assert keys["zh"]


def test_both_languages_fill_in_the_same_values() -> None:
    def names(text: str) -> set[str]:
        return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(text) if name}

    odd = [key for key, text in catalogue("zh").items() if names(text) != names(catalogue("en")[key])]
    assert odd == []


def test_no_text_is_empty() -> None:
    assert [key for language in LANGUAGES for key, text in catalogue(language).items() if not str(text).strip()] == []


def test_no_chinese_literal_in_the_app_or_the_reports() -> None:
    """What a user reads stands in data/words, so that both languages stay complete."""
    literal = []
    for path in (p for p in MODULES if p.relative_to(ROOT).parts[0] in ("ui", "reports")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node.body[0].value) for node in ast.walk(tree)
                      if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and node.body
                      and isinstance(node.body[0], ast.Expr)}
        literal += [f"{path.relative_to(ROOT)}:{node.lineno}" for node in ast.walk(tree)
                    if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
                    and re.search(r"[\u4e00-\u9fff]", node.value)]
    assert literal == []


def test_readme_names_the_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert f"make {target}" in readme
        assert re.search(rf"^{target}:", makefile, flags=re.M)
    from typer.main import get_command

    from ui.cli import app

    commands = set(get_command(app).commands)
    named = set(re.findall(r"cunzhi (demo|run|check|app|choose|replay)\b", readme))
    assert {"demo", "run", "check", "app"} <= named <= commands


def test_every_dependency_is_pinned() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["dependencies"] + [one for extra in project["optional-dependencies"].values() for one in extra]

    def plain(name: str) -> str:
        return re.sub(r"[-_.]+", "-", re.split(r"[<>=\[; ]", name)[0]).lower()

    pinned = {plain(line) for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if "==" in line}
    assert {plain(one) for one in asked} - {project["name"]} <= pinned
    assert "://" not in (ROOT / "constraints.txt").read_text(encoding="utf-8")
