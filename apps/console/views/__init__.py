"""Pages: parse what came in, ask `queries` or `operations`, render."""
