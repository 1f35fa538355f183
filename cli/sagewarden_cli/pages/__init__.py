"""Pages of the docs that are written from the template and from measurements."""
