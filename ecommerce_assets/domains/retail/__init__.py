"""The retail shop: invoices from three sources side by side, and how their numbers are made."""

from datetime import date

from ecommerce_assets.domains.domain import (
    Domain,
    Output,
    SourceTable,
    Watch,
    kaggle_watch,
    landing_watch,
)
from ecommerce_assets.domains.retail.settings import RetailSettings
from ecommerce_assets.domains.retail.sources import (
    archive_source,
    catalogue_source,
    postgres_source,
    primary_table,
    url_source,
    why_no_catalogue,
    why_no_postgres,
    why_no_url,
)
from ecommerce_assets.domains.retail.truths.book import retail_truths

ARCHIVE = SourceTable(
    "retail",
    "invoices_archive",
    archive_source,
    watches=(
        landing_watch(
            "retail",
            "Every minute, with the source `files`: loads the months again when data.csv is new or "
            "changed.",
        ),
        kaggle_watch(
            "retail",
            "Every half hour, with the source `kaggle`: loads the months of a new version of the "
            "retail data set.",
        ),
    ),
)
URL = SourceTable(
    "retail",
    "invoices_url",
    url_source,
    why_no_url,
    watches=(
        Watch(
            "retail_url_version",
            "Every quarter of an hour, where ECOMMERCE_RETAIL_URL is set: loads the months again "
            "when the file there is another one.",
            kind="url",
            every_s=900,
            if_chosen=False,
        ),
    ),
)
POSTGRES = SourceTable(
    "retail",
    "invoices_postgres",
    postgres_source,
    why_no_postgres,
    watches=(
        Watch(
            "retail_postgres_changes",
            "Every five minutes, where ECOMMERCE_RETAIL_POSTGRES is set: loads the months whose "
            "rows changed in the table.",
            kind="postgres",
            every_s=300,
            if_chosen=False,
        ),
    ),
)
#: Prices on a shop's public pages, for comparison. It is not part of a backfill: a shop shows only
#: the prices of today, so its months begin with the first one that this software could have read.
CATALOGUE = SourceTable(
    "retail",
    "catalogue",
    catalogue_source,
    why_no_catalogue,
    own_months_from=date(2025, 1, 1),
)
DOMAIN = Domain(
    "retail",
    RetailSettings,
    (ARCHIVE, URL, POSTGRES),
    retail_truths,
    apart=(CATALOGUE,),
    reads=primary_table,
    settings_of_models=("primary",),
    outputs=(
        Output(
            name="invoices_in_postgres",
            mart="fct_retail_invoice_lines",
            instant="invoiced_at",
            table="retail.invoice_lines",
            key=("line_key",),
            rows="The cleaned invoice lines",
            address_setting="target_postgres",
        ),
    ),
)
