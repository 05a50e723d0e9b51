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
