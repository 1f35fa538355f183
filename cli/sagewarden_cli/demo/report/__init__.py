"""The report: plain data in, one self-contained HTML page out."""
