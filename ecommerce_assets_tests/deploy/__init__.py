"""Containers, chart values and workflows, as far as they go without a container engine."""
