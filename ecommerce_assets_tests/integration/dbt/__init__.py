"""The dbt project, built by dbt itself on small lakes."""
