"""Documents that people sign: the site-score report, one page per site, the county report, the public notice; as Word and PDF.

::

    from reports.document.files import Subject, site_document, written
    subject = Subject(study, county, "zh", datetime.date(2026, 6, 20))
    written(site_document(subject, "N-0702"), "docx")        # the file's bytes
"""
