"""The address of a report names project, data set and table, each in its own parameter."""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from ecommerce_assets.cli.app import app
from ecommerce_assets.cli.looker import linking_address
from ecommerce_assets.cli.terminal import console

MART = "cosmetics_marts.fct_orders"


def test_the_address_opens_a_report_on_the_mart() -> None:
    found = urlsplit(linking_address("shop-dev", MART, "Orders & more"))
    assert found.netloc == "lookerstudio.google.com" and found.path == "/reporting/create"
    asked = {key: value for key, (value,) in parse_qs(found.query).items()}
    assert asked["ds.ds0.connector"] == "bigQuery" and asked["ds.ds0.type"] == "TABLE"
    assert asked["ds.ds0.projectId"] == asked["ds.ds0.billingProjectId"] == "shop-dev"
    assert asked["ds.ds0.datasetId"] == "cosmetics_marts"
    assert asked["ds.ds0.tableId"] == "fct_orders"
    assert asked["r.reportName"] == "Orders & more"


@pytest.mark.parametrize(
    ("variables", "arguments", "code", "said"),
    [
        ({}, [MART], 1, "set ECOMMERCE_ENV to dev or prod"),
        ({"ECOMMERCE_ENV": "dev"}, [MART], 1, "set GCP_PROJECT_ID"),
        ({"ECOMMERCE_ENV": "dev", "GCP_PROJECT_ID": "p"}, ["orders"], 2, "write it as"),
    ],
)
def test_what_cannot_be_opened_is_said(
    variables: dict[str, str],
    arguments: list[str],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    screen = io.StringIO()
    monkeypatch.setattr(console, "file", screen)
    done = CliRunner().invoke(app, ["looker-link", *arguments])
    assert done.exit_code == code and said in " ".join(screen.getvalue().split())
