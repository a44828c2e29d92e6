"""The sheet of method: how the figures come about, from which files, with which versions; enough to check them."""

from __future__ import annotations

from functools import partial

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from geo.results import Study
from layers.county import County
from layers.words import say
from reports.record import crs_name, layer_text, versions
from reports.sheet import LINE_HEIGHT, Heading, Styles, lines_of, put_text, write_table

STEPS = ("candidates", "gates", "values", "score", "band", "rank", "walks", "weights", "limits")
INPUTS = ("layer", "file", "rows_in", "rows_out", "crs", "hash")
WIDTHS = (22, 40, 12, 12, 18, 68)


def method_sheet(sheet: Worksheet, study: Study, county: County, styles: Styles, language: str) -> None:
    """Write the basis, the method step by step, the files read with their hashes, and the versions."""
    tell = partial(say, language=language)
    for position, width in enumerate(WIDTHS):
        sheet.set_column(position, position, width)
    words = {"unreachable": tell("criteria.state.unreachable")}
    travel = study.scenario.travel
    put_text(sheet, 1, 0, tell("report.summary.basis", scenario=study.scenario.name.get(language, study.scenario.id),
                               version=study.scenario.version, crs=crs_name(county)), styles.note)
    put_text(sheet, 3, 0, tell("report.method.steps"), styles.section)
    row = 4
    values = {"minutes": f"{travel.catchment_min:g}", "speed": f"{travel.walk_kmh:g}"}
    for step in STEPS:
        put_text(sheet, row, 0, tell(f"report.method.{step}_head"), styles.get(bold=True, valign="top"))
        text = tell(f"report.method.{step}", **values)
        sheet.merge_range(row, 1, row, len(WIDTHS) - 1, "", styles.get(text_wrap=True, valign="top"))
        put_text(sheet, row, 1, text, styles.get(text_wrap=True, valign="top"))
        sheet.set_row(row, LINE_HEIGHT * lines_of(text, sum(WIDTHS[1:])) + 3)
        row += 1
    row += 1
    put_text(sheet, row, 0, tell("report.method.inputs"), styles.section)
    inputs = [(layer_text(one.role, language), one.source, one.rows_in, one.rows_out, one.crs_as_read, one.content_sha256)
              for one in county.provenance]
    headings = [Heading(tell(f"report.method.{name}"), "count" if name.startswith("rows") else "text") for name in INPUTS]
    frame = pd.DataFrame(inputs, columns=list(INPUTS), dtype=object)
    row = write_table(sheet, row + 1, headings, [frame[name] for name in INPUTS], styles, words=words, listing=False) + 1
    put_text(sheet, row, 0, tell("report.method.versions"), styles.section)
    used = {name: text for name, text in versions().items() if name != "platform"}
    parts = [pd.Series(list(used), dtype=object), pd.Series(list(used.values()), dtype=object)]
    heads = [Heading(tell("report.method.part")), Heading(tell("report.method.version"))]
    write_table(sheet, row + 1, heads, parts, styles, words=words, listing=False)
