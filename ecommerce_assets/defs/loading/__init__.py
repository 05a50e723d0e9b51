"""From a source to the raw table: assets, checks, jobs and sensors of a source table."""
