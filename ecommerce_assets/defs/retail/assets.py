"""The retail invoices from each of their sources to a raw table, one month a partition."""

from ecommerce_assets.defs.loading.assets import loading_assets
from ecommerce_assets.defs.shared.partitions import RETAIL_MONTHLY
from ecommerce_assets.domains.registry import DOMAINS

ARCHIVE, URL, POSTGRES = DOMAINS["retail"].tables
archive_files, archive_lake, archive_raw = loading_assets(ARCHIVE, RETAIL_MONTHLY)
url_files, url_lake, url_raw = loading_assets(URL, RETAIL_MONTHLY)
postgres_files, postgres_lake, postgres_raw = loading_assets(POSTGRES, RETAIL_MONTHLY)
