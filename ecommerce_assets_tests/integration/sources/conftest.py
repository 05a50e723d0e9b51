"""A Kaggle server of the tests' own, and an environment that knows no real account."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecommerce_assets.lib.sources.kaggle.dataset import KaggleDataset
from ecommerce_assets.lib.sources.retries import Retries
from ecommerce_assets_tests.support.servers.kaggle import KaggleServer

SLUG = "shop/events-in-a-cosmetics-shop"
QUICK = Retries(attempts=3, first_wait_s=0.01, longest_wait_s=0.05)


def csv_of(seed: int, size: int = 6_000_000) -> bytes:
    """A CSV of about `size` bytes that packs to a little more than half of it."""
    lines = random.Random(seed).randbytes(size // 2).hex()
    return b"event_time,event_type\n" + b"\n".join(
        lines[at : at + 1000].encode() for at in range(0, len(lines), 1000)
    )


OCTOBER = csv_of(10)
NOVEMBER = csv_of(11, 40_000)


@pytest.fixture(autouse=True)
def no_real_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty home and no Kaggle variable, so that no test can find a developer's key."""
    for name in list(os.environ):
        if name.startswith("KAGGLE_") or name in ("VERBOSE", "VERBOSE_OUTPUT", "XDG_CONFIG_HOME"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    return home


@pytest.fixture
def server() -> Iterator[KaggleServer]:
    """A server with one data set of three months, of which the smallest comes unpacked."""
    with KaggleServer() as server:
        server.publish(
            SLUG,
            {"2019-Oct.csv": OCTOBER, "2019-Nov.csv": NOVEMBER, "2019-Dec.csv": b"event_time\n"},
            plain=frozenset({"2019-Dec.csv"}),
        )
        yield server


@pytest.fixture
def dataset(server: KaggleServer) -> Callable[..., KaggleDataset]:
    """A maker of sources that know the server and its key and lose no time between retries."""

    def make(slug: str = SLUG, **changed: object) -> KaggleDataset:
        known: dict[str, object] = {
            "endpoint": server.url,
            "username": "demo",
            "key": "a-secret-key",
            "retries": QUICK,
            "progress_every_s": 0.01,
        }
        return KaggleDataset(slug, **{**known, **changed})  # type: ignore[arg-type]

    return make
