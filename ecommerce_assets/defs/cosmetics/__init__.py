"""The cosmetics domain in Dagster."""
