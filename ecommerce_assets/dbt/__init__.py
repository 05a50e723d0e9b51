"""The dbt project without Dagster: where it lies, how it is called, which models are due."""
