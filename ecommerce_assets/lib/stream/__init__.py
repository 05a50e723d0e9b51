"""Topics into the lake: every offset once, in segments that name themselves."""
