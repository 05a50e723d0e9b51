"""How a number is made, one package per domain: pure Python, no Dagster import."""
