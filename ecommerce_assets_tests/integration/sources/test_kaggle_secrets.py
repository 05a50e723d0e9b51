"""No key, token or signed address ever shows, whatever fails."""

import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import LakehouseError
from ecommerce_assets.lib.sources.kaggle.dataset import KaggleDataset
from ecommerce_assets_tests.integration.sources.conftest import SLUG
from ecommerce_assets_tests.support.servers.kaggle import SIGNATURE, KaggleServer

Make = Callable[..., KaggleDataset]
OCT = date(2019, 10, 1)
ROOT = Path(__file__).parents[3]
SECRETS = ("a-secret-key", "a-wrong-key", "KGAT_a-secret-token", SIGNATURE.split("=")[1])


def unwell(server: KaggleServer, fault: str) -> None:
    faults = server.faults
    if fault == "down":
        faults.every_status = 503
    elif fault == "storage refuses":
        faults.storage_statuses = [403]
    elif fault == "storage down":
        faults.storage_statuses = [503] * 9
    elif fault == "cut":
        faults.cut_after = [10] * 20
    elif fault == "damaged":
        faults.corrupt = -1


@pytest.mark.parametrize(
    "fault", ["down", "storage refuses", "storage down", "cut", "damaged", "wrong key"]
)
def test_no_failure_shows_a_secret(
    server: KaggleServer,
    dataset: Make,
    tmp_path: Path,
    fault: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    found = dataset().find(OCT)
    source = dataset(key="a-wrong-key") if fault == "wrong key" else dataset()
    unwell(server, fault)
    with pytest.raises(LakehouseError) as failure:
        source.fetch(found, tmp_path)
    shown = [
        *traceback.format_exception(failure.value),
        repr(failure.value),
        repr(source),
        repr(vars(source)),
        repr(found),
        caplog.text,
        *capfd.readouterr(),
    ]
    assert [secret for secret in SECRETS for text in shown if secret in text] == []


@pytest.mark.parametrize(
    "account",
    [
        {"KAGGLE_USERNAME": "demo", "KAGGLE_KEY": "a-secret-key"},
        {"KAGGLE_API_TOKEN": "KGAT_a-secret-token"},
    ],
    ids=["pair", "token"],
)
def test_a_talkative_environment_shows_no_secret(
    server: KaggleServer, tmp_path: Path, account: dict[str, str]
) -> None:
    program = (
        "import sys; from datetime import date; from pathlib import Path\n"
        "from ecommerce_assets.lib.sources.kaggle.dataset import KaggleDataset\n"
        "source = KaggleDataset(sys.argv[1], endpoint=sys.argv[2])\n"
        "source.fetch(source.find(date(2019, 11, 1)), Path(sys.argv[3]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, SLUG, server.url, str(tmp_path / "landing")],
        env={**os.environ, **account, "VERBOSE": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [secret for secret in SECRETS if secret in done.stdout + done.stderr] == []
    assert done.stdout == ""
