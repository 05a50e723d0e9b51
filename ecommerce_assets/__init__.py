"""An e-commerce lakehouse as Dagster assets. Importing the package itself loads nothing."""
