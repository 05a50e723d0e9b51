"""The retail shop: how its numbers are made, without Dagster."""
