"""The dbt models of the electronics store, on a small lake with every quirk of the real file."""
