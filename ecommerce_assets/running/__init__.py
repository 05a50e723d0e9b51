"""Running assets in this process, for commands and for jobs."""
