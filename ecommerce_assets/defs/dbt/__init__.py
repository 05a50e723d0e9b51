"""The dbt project in Dagster."""
