"""How the cosmetics domain gets its data and its numbers, without Dagster."""
