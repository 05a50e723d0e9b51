"""The cosmetics shop: click events of a month a file, and how their numbers are made."""

from ecommerce_assets.domains.cosmetics.settings import CosmeticsSettings
from ecommerce_assets.domains.cosmetics.sources import cosmetics_source
from ecommerce_assets.domains.cosmetics.truths.book import cosmetics_truths
from ecommerce_assets.domains.domain import Domain, Due, SourceTable, kaggle_watch, landing_watch

EVENTS = SourceTable(
    "cosmetics",
    "events",
    cosmetics_source,
    due=Due(
        "load_newest_cosmetics_month",
        "On the 2nd of each month, 06:00 UTC, loads the newest month that has ended and is not "
        "loaded.",
        # A month's file is delivered on the day after its end.
        cron="0 6 2 * *",
    ),
    watches=(
        landing_watch(
            "cosmetics",
            "Every minute, with the source `files`: loads months whose file is new or changed.",
        ),
        kaggle_watch(
            "cosmetics",
            "Every half hour, with the source `kaggle`: loads months of a new version of the data "
            "set.",
        ),
    ),
)
DOMAIN = Domain("cosmetics", CosmeticsSettings, (EVENTS,), cosmetics_truths)
