"""The web pages of this machine: Dagster's UI and the dashboard, and what guards both."""
