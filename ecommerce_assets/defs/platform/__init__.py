"""What all domains share in Dagster: resources, failures, jobs."""
