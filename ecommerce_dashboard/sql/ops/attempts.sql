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
