"""Kaggle sends a client elsewhere for each download; not to where it may not go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.sources.kaggle.client import _require_safe
from ecommerce_assets.lib.sources.kaggle.dataset import KaggleDataset
from ecommerce_assets.lib.sources.web.addresses import Policy
from ecommerce_assets.lib.sources.web.certificates import CertificateRefused
from ecommerce_assets_tests.support.servers.kaggle import KaggleServer
from ecommerce_assets_tests.support.servers.tls import certificate, https_file

Make = Callable[..., KaggleDataset]
NOV = date(2019, 11, 1)


@pytest.mark.parametrize("host", ["localhost", "[::1]", "169.254.169.254", "10.0.0.1"])
def test_a_download_at_a_private_address_is_refused(
    server: KaggleServer, dataset: Make, tmp_path: Path, host: str
) -> None:
    server.storage_url = f"http://{host}:{server.port}"
    found = dataset().find(NOV)
    with pytest.raises(PermanentFailure, match="private address") as refused:
        dataset().fetch(found, tmp_path)
    assert "ECOMMERCE_PRIVATE_REDIRECTS" in refused.value.cure
    assert not server.calls("GET")


def test_a_private_host_that_is_named_may_hold_the_download(
    server: KaggleServer, dataset: Make, tmp_path: Path
) -> None:
    server.storage_url = f"http://localhost:{server.port}"
    source = dataset(private_hosts=["localhost"])
    assert source.fetch(source.find(NOV), tmp_path).exists()


def test_a_download_without_encryption_is_refused() -> None:
    with pytest.raises(PermanentFailure, match="without encryption"):
        _require_safe(Policy(), "https://api.kaggle.com/v1", "http://storage.googleapis.com/x")


def test_a_certificate_that_is_wrong_is_called_so(dataset: Make, tmp_path: Path) -> None:
    with https_file(certificate(tmp_path, "127.0.0.1")) as url:
        source = dataset(endpoint=url.removesuffix("/data.csv"))
        with pytest.raises(CertificateRefused, match="nobody whom this machine trusts") as refused:
            source.find(NOV)
    assert "REQUESTS_CA_BUNDLE" in refused.value.cure
