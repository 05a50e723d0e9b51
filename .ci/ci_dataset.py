"""Create or drop the BigQuery data set of a pull request, and no other.

Belongs here: the one data set that ECOMMERCE_DBT_CI_DATASET names in the project GCP_PROJECT_ID.
Stays out: what is built in it (`.github/workflows/dbt.yml`).
"""

from __future__ import annotations

import os
import re
import sys

DAY_MS = 24 * 3600 * 1000


def main(arguments: list[str]) -> None:
    """Run `create` or `drop`; refuse a name that is not one of a pull request."""
    if arguments not in (["create"], ["drop"]):
        sys.exit("usage: ci_dataset.py create|drop")
    name = os.environ.get("ECOMMERCE_DBT_CI_DATASET", "")
    if not re.fullmatch(r"dbt_ci_pr_[1-9][0-9]*", name):
        sys.exit(
            f"{name!r} is not the data set of a pull request; "
            "set ECOMMERCE_DBT_CI_DATASET to dbt_ci_pr_<number>"
        )
    project = os.environ.get("GCP_PROJECT_ID")
    if not project:
        sys.exit("no project; set GCP_PROJECT_ID")

    from google.cloud import bigquery

    with bigquery.Client(project=project) as client:
        dataset = bigquery.Dataset(f"{project}.{name}")
        if arguments == ["drop"]:
            client.delete_dataset(dataset, delete_contents=True, not_found_ok=True)
            return
        dataset.location = os.environ.get("GCP_REGION") or "EU"
        # Where dropping fails as well, the tables go after a day.
        dataset.default_table_expiration_ms = DAY_MS
        dataset.labels = {"purpose": "dbt-ci"}
        client.create_dataset(dataset, exists_ok=True)


if __name__ == "__main__":
    main(sys.argv[1:])
