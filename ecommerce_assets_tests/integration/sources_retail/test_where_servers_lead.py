"""Where a server may send this machine, and whether it is the one that was asked for."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.sources.web import addresses
from ecommerce_assets.lib.sources.web.addresses import Policy, PrivateAddress, is_private
from ecommerce_assets.lib.sources.web.file import HttpFile
from ecommerce_assets_tests.integration.sources_retail.retries import MONTHS, QUICK
from ecommerce_assets_tests.integration.sources_retail.web_file import OLD, source, tagged
from ecommerce_assets_tests.support.servers.tls import BODY, certificate, https_file
from ecommerce_assets_tests.support.servers.web import Resource, WebServer

LOCAL, PUBLIC = ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("93.184.215.14")


def leads_to(web: WebServer, url: str) -> None:
    web.files["/data.csv"] = Resource(b"", status=302, headers={"Location": url})


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:{port}/other.csv",
        "http://[::1]:{port}/other.csv",
        "http://0.0.0.0:{port}/other.csv",
        "http://[::ffff:127.0.0.1]:{port}/other.csv",
        "http://127.0.0.2:{port}/other.csv",
        "http://2130706433:{port}/other.csv",
        "http://0x7f000001:{port}/other.csv",
        "http://127.1:{port}/other.csv",
        "http://169.254.169.254/computeMetadata/v1/",
        "http://[fe80::1]/x",
        "http://[fd00:ec2::254]/latest/meta-data/",
        "http://[64:ff9b::a00:1]/x",
        "http://10.0.0.1/x",
        "http://172.16.0.1/x",
        "http://192.168.1.1/x",
        "http://100.64.0.1/x",
    ],
)
def test_a_redirect_to_a_private_address_is_refused(
    web: WebServer, tmp_path: Path, url: str
) -> None:
    web.files["/other.csv"] = tagged(OLD)
    leads_to(web, url.format(port=web.port))
    with pytest.raises(PermanentFailure, match="private address") as refused:
        source(web).find(MONTHS[0])
    assert "ECOMMERCE_PRIVATE_REDIRECTS" in refused.value.cure
    assert web.paths("HEAD") == ["/data.csv"]
    assert "/other.csv" not in web.paths()


@pytest.mark.parametrize("allowed", [["localhost"], ["*"]])
def test_a_private_host_that_is_named_may_be_led_to(
    web: WebServer, tmp_path: Path, allowed: list[str]
) -> None:
    web.files["/other.csv"] = tagged(OLD)
    leads_to(web, f"http://localhost:{web.port}/other.csv")
    file = source(web, private_hosts=allowed)
    assert file.fetch(file.find(MONTHS[0]), tmp_path).read_bytes() == OLD


def test_the_address_that_was_set_may_be_private_and_lead_to_itself(
    web: WebServer, tmp_path: Path
) -> None:
    web.files["/other.csv"] = tagged(OLD)
    leads_to(web, "/other.csv")
    assert source(web).find(MONTHS[0]).size == len(OLD)


def test_the_address_that_was_checked_is_the_one_that_is_asked(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second look at the name, which could give another address, is not taken."""
    monkeypatch.setattr(addresses, "addresses_of", lambda host, port: [LOCAL])
    web.files["/data.csv"] = tagged(OLD)
    file = HttpFile(f"http://shop.invalid:{web.port}/data.csv", MONTHS, retries=QUICK)
    assert file.find(MONTHS[0]).size == len(OLD)


def test_a_name_that_turns_private_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    policy, answers = Policy(), [[PUBLIC], [PUBLIC, LOCAL], [LOCAL]]
    monkeypatch.setattr(addresses, "addresses_of", lambda host, port: answers.pop(0))
    policy.trust("shop.invalid")
    assert policy.allowed("shop.invalid", 443) == [PUBLIC]
    for _ in range(2):
        with pytest.raises(PrivateAddress):
            policy.allowed("shop.invalid", 443)


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "2606:4700::1111", "2002:808:808::1", "64:ff9b::808:808"]
)
def test_public_addresses_are_public(text: str) -> None:
    assert not is_private(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    ("name", "days", "told", "cure"),
    [
        ("127.0.0.1", (-9, -1), "has expired", "this machine's clock"),
        ("127.0.0.1", (1, 9), "is not valid yet", "this machine's clock"),
        ("shop.invalid", (-1, 9), "is another host's", "the name that the certificate has"),
    ],
)
def test_a_certificate_that_is_wrong_is_called_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    days: tuple[int, int],
    told: str,
    cure: str,
) -> None:
    made = certificate(tmp_path, name, days=days)
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    with https_file(made) as url, pytest.raises(PermanentFailure, match=told) as refused:
        HttpFile(url, MONTHS, retries=QUICK).find(MONTHS[0])
    assert cure in refused.value.cure


def test_an_authority_of_ones_own_is_named_in_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = certificate(tmp_path, "127.0.0.1")
    with https_file(made) as url:
        file = HttpFile(url, MONTHS, retries=QUICK)
        with pytest.raises(PermanentFailure, match="nobody whom this machine trusts") as refused:
            file.find(MONTHS[0])
        assert "set SSL_CERT_FILE" in refused.value.cure
        monkeypatch.setenv("SSL_CERT_FILE", str(made))
        assert file.fetch(file.find(MONTHS[0]), tmp_path / "got").read_bytes() == BODY


def test_a_plain_server_under_https_is_called_so(web: WebServer) -> None:
    address = f"https://127.0.0.1:{web.port}/data.csv"
    with pytest.raises(PermanentFailure, match="not answer with an encrypted"):
        HttpFile(address, MONTHS, retries=QUICK).find(MONTHS[0])
