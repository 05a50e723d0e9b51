"""The electronics store: purchases of all months in one file, and how their numbers are made."""

from ecommerce_assets.domains.domain import Domain, SourceTable, kaggle_watch, landing_watch
from ecommerce_assets.domains.electronics.settings import ElectronicsSettings
from ecommerce_assets.domains.electronics.sources import electronics_source
from ecommerce_assets.domains.electronics.truths.book import electronics_truths

PURCHASES = SourceTable(
    "electronics",
    "purchases",
    electronics_source,
    watches=(
        landing_watch(
            "electronics",
            "Every minute, with the source `files`: loads the months again when kz.csv is new or "
            "changed.",
        ),
        kaggle_watch(
            "electronics",
            "Every half hour, with the source `kaggle`: loads the months of a new version of the "
            "electronics data set.",
        ),
    ),
)
DOMAIN = Domain("electronics", ElectronicsSettings, (PURCHASES,), electronics_truths)
