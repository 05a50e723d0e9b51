{#- The expression is true in every row; null counts as false. -#}
{% test true_in_every_row(model, expression) %}

select *
from {{ model }}
where not coalesce({{ expression }}, false)

{% endtest %}
