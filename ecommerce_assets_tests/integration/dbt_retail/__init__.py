"""The dbt models of the retail shop, on small lakes with every quirk and on the real file."""
