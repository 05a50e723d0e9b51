-- {table} is a quarantine table of a domain in the registry. A row stands under all its reasons at once.
select
    month,
    array_to_string(reasons, ', ') as reasons,
    count(*) as quarantined_rows
from {table}
group by 1, 2
order by 1, 2
