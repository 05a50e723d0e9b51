{#- Overrides dbt-bigquery's own: the one partition that a batch replaces is named, not looked up in what
    the batch gave. BigQuery then prunes by a constant, and a month that became empty loses its rows. -#}
{% macro bq_generate_microbatch_build_sql(
    tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns, tmp_relation_exists, copy_partitions
) -%}
    {%- set month = "timestamp '" ~ batch_window()[0].strftime('%Y-%m-%d') ~ " 00:00:00+00'" -%}
    {{ return(bq_insert_overwrite_sql(
        tmp_relation, target_relation, sql, unique_key, partition_by, [month], dest_columns, tmp_relation_exists, copy_partitions
    )) }}
{%- endmacro %}
