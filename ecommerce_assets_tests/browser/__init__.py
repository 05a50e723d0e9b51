"""The real Dagster UI in a real Chromium, on a lakehouse that the real commands filled."""
