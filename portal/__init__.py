"""Floor 4: every door: pages, the command line, one place that opens it all."""
