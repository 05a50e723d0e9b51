"""The assets, checks, jobs and sensors that keep the lakehouse itself in order."""
