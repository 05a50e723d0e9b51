-- name: return_links
select
    link_method,
    count(*) as links,
    sum(units) as units,
    sum(returned_value) as returned_value
from retail_marts.fct_retail_return_links
group by link_method
order by link_method

-- name: sources
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
