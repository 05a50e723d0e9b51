"""The retail domain in Dagster."""
