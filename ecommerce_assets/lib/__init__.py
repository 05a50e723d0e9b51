"""What two or more domains share: mechanism only, which knows no domain and no Dagster asset."""
