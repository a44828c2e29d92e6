"""What leaves the house: tables, GeoPackage, workbook, findings and the record of a run.

Each stands in the module of its name, so that writing a table loads no map and no planning::

    from reports.run import write_run            # write_run(study, county, folder) -> every file of a run
    from reports.workbook import workbook_bytes  # workbook_bytes(study, county) -> a workbook for a download
"""
