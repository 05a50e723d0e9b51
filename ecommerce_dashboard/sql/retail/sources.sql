select
    month_date,
    sources_loaded,
    archive_is_loaded,
    rows_archive,
    value_archive,
    keys_archive,
    url_is_loaded,
    rows_url,
    value_url,
    keys_url,
    postgres_is_loaded,
    rows_postgres,
    value_postgres,
    keys_postgres,
    keys_of_any,
    they_part
from retail_marts.mart_retail_source_reconciliation
order by month_date
