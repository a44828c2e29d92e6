"""What leaves the house: tables, GeoPackage, workbook, findings and the record of a run.

`write_run` writes them all into a folder, `workbook_bytes` makes the workbook for a download.
"""

from __future__ import annotations

from reports.run import FILES, OutputError, require_writable, write_run
from reports.workbook import workbook_bytes

__all__ = ["FILES", "OutputError", "require_writable", "workbook_bytes", "write_run"]
