"""county.toml from what was recognised: every layer with the evidence for it as a comment, ties as lines to be chosen from."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from layers.recognise.choose import LIST, Recognition, Tie
from layers.recognise.judge import Proposal
from layers.words import say


def to_toml(found: Recognition, *, name: str | None = None, language: str = "zh", beside: Path | None = None) -> str:
    """Text of a county.toml.

    Parameters
    ----------
    found : Recognition
        Ties stand in it as comments: a person removes the sign before the right one.
    name : str, optional
        The county's name; else the one the data says, else that of the folder (said in a comment).
    language : str
        Of the comments.
    beside : Path, optional
        The folder where it will stand: sources are relative to it; else to the folder that was looked through.
    """
    lead = "" if beside is None else _lead(found.folder, beside)
    known = name or found.name
    lines = [f"# {say('recognise.toml.head', language)}", "[county]", f"name = {_quoted(known or found.folder.resolve().name)}"]
    if known is None:
        lines[-1] += f"   # {say('recognise.toml.name', language)}"
    if found.code:
        lines.append(f"code = {_quoted(found.code)}   # {say('recognise.toml.code', language, where=_one_line(found.code_field))}")
    for role, options in found.chosen.items():
        if role != LIST:
            lines += _layer(role, options, found.chosen, lead, language)
    if "villages" not in found.chosen and LIST in found.chosen:
        lines += _layer("villages", found.chosen[LIST], {}, lead, language)
    for tie in found.ties:
        lines += _tie(tie, lead, language)
    for item in found.unused:
        lines.append(f"# {say('recognise.toml.unused', language, source=_one_line(item.source))}")
    return "\n".join(lines) + "\n"


def write_county(found: Recognition, *, path: str | Path | None = None, name: str | None = None, language: str = "zh") -> Path:
    """Write county.toml beside the data; one that is there is never overwritten.

    Raises
    ------
    FileExistsError
        If there is one.
    """
    target = Path(path) if path is not None else found.folder / "county.toml"
    text = to_toml(found, name=name, language=language, beside=target.parent)
    with target.open("x", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return target


def evidence_text(option: Proposal, language: str) -> str:
    """What a proposal rests on, in words."""
    parts = [say(f"recognise.sign.{piece.sign}", language, text=piece.text) for piece in option.evidence if piece.points > 0]
    return say("recognise.separator", language).join(parts)


def _lead(folder: Path, beside: Path) -> str:
    """What stands before a source, from a folder to where the data is; the whole path where they share no drive."""
    try:
        way = Path(os.path.relpath(folder.resolve(), beside.resolve())).as_posix()
    except ValueError:
        way = folder.resolve().as_posix()
    return "" if way == "." else f"{way}/"


def _layer(
    role: str, options: tuple[Proposal, ...], chosen: Mapping[str, tuple[Proposal, ...]], lead: str, language: str
) -> list[str]:
    lines = [""]
    if role == "restrictions":
        for number, option in enumerate(options, start=1):
            same = [other for other in options if other.kind == option.kind]
            own = option.kind or "other"
            lines += [*_because(option, language),
                      f"[layers.restrictions.{own if len(same) == 1 else f'{own}_{number}'}]",
                      f"source = {_quoted(lead + option.item.source)}", f"kind = {_quoted(own)}", ""]
        return lines[:-1]
    for option in options:
        lines += _because(option, language)
    sources = [_quoted(lead + option.item.source) for option in dict.fromkeys(options)]
    lines += [f"[layers.{role}]", f"source = {sources[0] if len(sources) == 1 else '[' + ', '.join(sources) + ']'}"]
    if role == "villages" and LIST in chosen:
        lines.append(f"list = {_quoted(lead + chosen[LIST][0].item.source)}")
    return lines


def _because(option: Proposal, language: str) -> list[str]:
    return [f"# {_one_line(evidence_text(option, language))}"]


def _tie(tie: Tie, lead: str, language: str) -> list[str]:
    lines = ["", f"# {say('recognise.toml.tie', language)}"]
    for option in tie.options:
        role = f"restrictions.{option.kind}" if option.kind else option.role
        why = _one_line(evidence_text(option, language))
        lines += [f"# [layers.{role}]", f"# source = {_quoted(lead + option.item.source)}   # {why}"]
    return lines


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are a part of TOML's, but for the delete sign."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str | None) -> str:
    """Text from data in a comment: no line of its own, no control characters."""
    return "".join(sign if sign.isprintable() else " " for sign in text or "")
