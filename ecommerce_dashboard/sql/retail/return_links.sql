select
    link_method,
    count(*) as links,
    sum(units) as units,
    sum(returned_value) as returned_value
from retail_marts.fct_retail_return_links
group by link_method
order by link_method
