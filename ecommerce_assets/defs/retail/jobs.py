"""The jobs that load a month of retail invoices, one a source, which the sensors start."""

from ecommerce_assets.defs.loading.jobs import load_job
from ecommerce_assets.defs.shared.partitions import RETAIL_MONTHLY
from ecommerce_assets.domains.registry import DOMAINS

ARCHIVE, URL, POSTGRES = DOMAINS["retail"].tables
load_retail_archive_month = load_job(ARCHIVE, RETAIL_MONTHLY)
load_retail_url_month = load_job(URL, RETAIL_MONTHLY)
load_retail_postgres_month = load_job(POSTGRES, RETAIL_MONTHLY)
