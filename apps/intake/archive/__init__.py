"""Taking in what was said long ago: one file, routed as a whole, received as live traffic is."""
