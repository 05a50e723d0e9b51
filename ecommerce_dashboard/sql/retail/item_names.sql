-- Items by what the source calls them: spellings of their code, descriptions at a price.
select
    stock_code,
    description,
    item_kind,
    n_spellings,
    n_descriptions,
    n_lines
from retail_marts.dim_retail_item
where n_spellings > 1 or n_descriptions > 1
order by n_descriptions desc, n_spellings desc, stock_code
