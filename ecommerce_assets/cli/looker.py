"""The address that opens a new Looker Studio report on a mart.

Belongs here: building it after Google's Linking API
(https://developers.google.com/looker-studio/integrate/linking-api). Stays out: access: a report
reads BigQuery as the person who opens it, who needs roles/bigquery.dataViewer on the data set and
roles/bigquery.jobUser in the project.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

import typer

from ecommerce_assets.cli.terminal import friendly_errors, read_settings
from ecommerce_assets.lib.failures import SettingMissing
from ecommerce_assets.lib.text.console import bad, console
from ecommerce_assets.lib.warehouse import BIGQUERY

ADDRESS = "https://lookerstudio.google.com/reporting/create"


def linking_address(project: str, table: str, name: str) -> str:
    """The address of a new report with one data source.

    Args:
        project: the Google Cloud project of the marts, which also pays for the report's queries.
        table: `schema.table`.
        name: of the report and its data source.
    """
    dataset, _, bare = table.partition(".")
    source = {
        "connector": "bigQuery",
        "type": "TABLE",
        "projectId": project,
        "billingProjectId": project,
        "datasetId": dataset,
        "tableId": bare,
        "datasourceName": name,
    }
    parameters = {"c.mode": "edit", "r.reportName": name}
    parameters |= {f"ds.ds0.{key}": value for key, value in source.items()}
    return f"{ADDRESS}?{urlencode(parameters)}"


def looker_link(
    mart: Annotated[str, typer.Argument(help="The mart, as DOMAIN_marts.TABLE.")],
    name: Annotated[str, typer.Option(help="Name of the report.")] = "E-commerce lakehouse",
) -> None:
    """Print the address that opens a new Looker Studio report on a mart in BigQuery."""
    if mart.count(".") != 1:
        console.print(bad(f"{mart!r} is not a mart;"), "write it as DOMAIN_marts.TABLE")
        raise typer.Exit(2)
    with friendly_errors():
        uri = read_settings().warehouse_uri
        if not uri.startswith(BIGQUERY):
            raise SettingMissing(
                f"Looker Studio reads BigQuery, and the warehouse is {uri}",
                "set ECOMMERCE_ENV to dev or prod, and GCP_PROJECT_ID",
            )
    typer.echo(linking_address(uri.removeprefix(BIGQUERY), mart, name))
