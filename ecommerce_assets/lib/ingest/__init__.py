"""From a delivered file to published rows: unpacking, reading, judging, publishing."""
