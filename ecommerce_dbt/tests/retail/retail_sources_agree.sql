{{ config(severity='warn') }}
-- The loaded sources hold the same rows of every month. A warning: which of them is right, people decide.
select
    month_date,
    rows_archive,
    rows_url,
    rows_postgres
from {{ ref('mart_retail_source_reconciliation') }}
where they_part
