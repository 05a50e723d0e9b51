"""Decisions of automation and alerts, without Dagster."""
