"""Streams in Dagster: topics, the drain into the lake, and the sensor that starts it."""
