-- name: loaded_rows
-- The rows of the load that each month shows: its newest that ended well.
with ranked as (
    select
        dataset,
        month,
        rows_received,
        rows_accepted,
        rows_quarantined,
        blank_lines,
        finished_at,
        row_number() over (
            partition by dataset, month
            order by coalesce(sequence, 0) desc, started_at desc, attempt_id desc
        ) as place
    from ops.load_ledger
    where step in ('lake', 'replay')
        and status in ('loaded', 'unchanged')
        and rows_received is not null
)

select
    dataset,
    month,
    rows_received,
    rows_accepted,
    rows_quarantined,
    blank_lines,
    finished_at
from ranked
where place = 1
order by dataset, month

-- name: steps
select
    dataset,
    step,
    count(*) as attempts,
    sum(seconds) as seconds,
    max(seconds) as longest_s,
    max(peak_mb) as peak_mb,
    sum(bytes_processed) as bytes_processed,
    sum(bytes_billed) as bytes_billed,
    sum(usd) as usd
from ops.load_ledger
where step <> 'backfill' and seconds is not null
group by dataset, step
order by dataset, step

-- name: verdicts
select
    dataset,
    metric,
    scope,
    definition,
    source,
    expected,
    tolerance,
    found,
    status,
    reason,
    checked_at
from ops.truths
order by dataset, scope, metric

-- name: attempts
-- The newest attempt of each step of each month. Commands are left out: their work has rows of its own.
with ranked as (
    select
        dataset,
        step,
        month,
        status,
        reason,
        started_at,
        finished_at,
        row_number() over (
            partition by dataset, step, month
            order by coalesce(sequence, 0) desc, started_at desc, attempt_id desc
        ) as place
    from ops.load_ledger
    where step <> 'backfill'
)

select
    dataset,
    step,
    month,
    status,
    reason,
    started_at,
    finished_at
from ranked
where place = 1
order by dataset, month, started_at
