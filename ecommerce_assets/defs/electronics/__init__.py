"""The electronics domain in Dagster."""
