{#- The calendar periods that users are counted by: `day`, `week` (ISO, from Monday) and `month`, each
    named by its first day; and `rolling30`, 30 days counted from a user's own first day. -#}

{#- The first day of the calendar period of a day. -#}
{% macro period_start(kind, day) -%}
    {%- set starts = {'day': day, 'week': iso_week_start(day), 'month': month_start(day)} -%}
    {{ starts[kind] }}
{%- endmacro %}


{#- The first day of the n-th calendar period after the one that starts on the day `start`. -#}
{% macro nth_period(kind, start, n) -%}
    {%- if kind == 'month' -%}
        {{ plus_months(start, n) }}
    {%- else -%}
        {{ plus_days(start, {'day': n, 'week': '(' ~ n ~ ') * 7'}[kind]) }}
    {%- endif -%}
{%- endmacro %}


{#- How many periods after the one of the day `start` a day lies, from 0. -#}
{% macro periods_between(kind, start, day) -%}
    {%- if kind == 'month' -%}
        {{ months_between(start, day) }}
    {%- elif kind == 'week' -%}
        {{ int_div(days_between(iso_week_start(start), day), 7) }}
    {%- else -%}
        {{ int_div(days_between(start, day), {'day': 1, 'rolling30': 30}[kind]) }}
    {%- endif -%}
{%- endmacro %}


{#- Whether no earlier day of a user, of which `previous_day` (null for none) is the last, lies in the
    same period after `start` as the day. -#}
{% macro is_first_in_period(kind, start, previous_day, day) -%}
    {{ previous_day }} is null
    or {{ periods_between(kind, start, previous_day) }} <> {{ periods_between(kind, start, day) }}
{%- endmacro %}
