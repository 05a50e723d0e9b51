"""The electronics store: how its numbers are made, without Dagster."""
