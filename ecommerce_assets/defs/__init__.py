"""What exists and when it runs: thin, loaded by folder; how a number is made lies elsewhere."""
