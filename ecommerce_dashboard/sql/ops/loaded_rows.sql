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
