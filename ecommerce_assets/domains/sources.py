"""The source that the settings choose for a domain's files: sample, files or kaggle.

Belongs here: the choice. Stays out: the sources (`lib/sources/`, `sample.py`), and sources that
only one domain has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from ecommerce_assets.domains.settings import MonthlySettings
from ecommerce_assets.lib.sources.protocol import FileNames, MonthlySource
from ecommerce_assets.settings import Settings


def chosen_source(
    settings: Settings,
    domain: str,
    own: MonthlySettings,
    sample: Callable[[], MonthlySource],
    kaggle_dataset: str,
    names: FileNames | None = None,
) -> MonthlySource:
    """The source that the settings choose for a domain's files.

    Args:
        settings: the environment.
        domain: its name, that of its landing folder.
        own: the domain's settings.
        sample: makes the simulated shop.
        kaggle_dataset: `owner/name` of the data set.
        names: which months a file stands for; default: a file a month.

    Raises:
        SettingMissing: none is chosen where there is no default.
    """
    kind = own.source_kind(settings)
    if kind == "sample":
        return sample()
    if kind == "files":
        from ecommerce_assets.lib.sources.landing import LandingFolder

        return LandingFolder(f"{settings.landing_uri.rstrip('/')}/{domain}", names)
    from ecommerce_assets.lib.sources.kaggle.dataset import KaggleDataset

    return cast(
        "MonthlySource",
        KaggleDataset(
            kaggle_dataset,
            endpoint=settings.kaggle_endpoint,
            username=settings.kaggle_username,
            key=settings.kaggle_key,
            token=settings.kaggle_api_token,
            config_dir=settings.kaggle_config_dir,
            names=names,
            private_hosts=settings.private_redirect_hosts,
        ),
    )
