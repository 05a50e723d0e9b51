{{ config(tags=['unpartitioned']) }}

with

lines as (

    select
        {{ month_start('invoice_date') }} as month_date,
        source_system,
        invoice_no,
        stock_code,
        line_value
    from {{ ref('stg_retail__source_lines') }}

),

months as (

    select
        month_date,
        count(case when source_system = 'archive' then 1 end) as rows_archive,
        coalesce(sum(case when source_system = 'archive' then line_value end), 0) as value_archive,
        count(case when source_system = 'url' then 1 end) as rows_url,
        coalesce(sum(case when source_system = 'url' then line_value end), 0) as value_url,
        count(case when source_system = 'postgres' then 1 end) as rows_postgres,
        coalesce(sum(case when source_system = 'postgres' then line_value end), 0) as value_postgres
    from lines
    group by month_date

),

source_keys as (

    select
        month_date,
        invoice_no,
        stock_code,
        max(case when source_system = 'archive' then 1 else 0 end) as in_archive,
        max(case when source_system = 'url' then 1 else 0 end) as in_url,
        max(case when source_system = 'postgres' then 1 else 0 end) as in_postgres
    from lines
    group by month_date, invoice_no, stock_code

),

key_counts as (

    select
        month_date,
        sum(in_archive) as keys_archive,
        sum(in_url) as keys_url,
        sum(in_postgres) as keys_postgres,
        count(*) as keys_of_any
    from source_keys
    group by month_date

),

-- A source without a single row was not set up, and is not missed in any month.
loaded as (

    select
        count(case when source_system = 'archive' then 1 end) > 0 as has_archive,
        count(case when source_system = 'url' then 1 end) > 0 as has_url,
        count(case when source_system = 'postgres' then 1 end) > 0 as has_postgres
    from lines

),

joined as (

    select
        months.month_date,
        loaded.has_archive,
        case when loaded.has_archive then months.rows_archive end as rows_archive,
        case when loaded.has_archive then months.value_archive end as value_archive,
        case when loaded.has_archive then key_counts.keys_archive end as keys_archive,
        loaded.has_url,
        case when loaded.has_url then months.rows_url end as rows_url,
        case when loaded.has_url then months.value_url end as value_url,
        case when loaded.has_url then key_counts.keys_url end as keys_url,
        loaded.has_postgres,
        case when loaded.has_postgres then months.rows_postgres end as rows_postgres,
        case when loaded.has_postgres then months.value_postgres end as value_postgres,
        case when loaded.has_postgres then key_counts.keys_postgres end as keys_postgres,
        key_counts.keys_of_any
    from months
    cross join loaded
    inner join key_counts
        on months.month_date = key_counts.month_date

),

final as (

    select
        month_date,
        has_archive as archive_is_loaded,
        rows_archive,
        cast(value_archive as {{ type_money() }}) as value_archive,
        cast(keys_archive as {{ type_int64() }}) as keys_archive,
        has_url as url_is_loaded,
        rows_url,
        cast(value_url as {{ type_money() }}) as value_url,
        cast(keys_url as {{ type_int64() }}) as keys_url,
        has_postgres as postgres_is_loaded,
        rows_postgres,
        cast(value_postgres as {{ type_money() }}) as value_postgres,
        cast(keys_postgres as {{ type_int64() }}) as keys_postgres,
        keys_of_any,
        cast(
            case when has_archive then 1 else 0 end
            + case when has_url then 1 else 0 end
            + case when has_postgres then 1 else 0 end as {{ type_int64() }}
        ) as sources_loaded,
        coalesce(rows_archive <> rows_url, false)
        or coalesce(rows_archive <> rows_postgres, false)
        or coalesce(rows_url <> rows_postgres, false)
        or coalesce(value_archive <> value_url, false)
        or coalesce(value_archive <> value_postgres, false)
        or coalesce(value_url <> value_postgres, false)
        or coalesce(keys_archive <> keys_of_any, false)
        or coalesce(keys_url <> keys_of_any, false)
        or coalesce(keys_postgres <> keys_of_any, false) as they_part,
        {{ retail_sources_behind('month_date') }} as sources_behind
    from joined

)

select * from final
