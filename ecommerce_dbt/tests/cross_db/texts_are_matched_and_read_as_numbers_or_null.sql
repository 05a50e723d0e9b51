-- matches and cast_or_null: a price, a whole number, a number too large, a word, nothing.
with

cases as (

    select
        '162.01' as price,
        '1515915625440944408' as whole_number,
        '9999999999999999999' as too_large,
        'samsung' as word,
        nullif('', '') as no_text

),

judged as (

    select
        {{ matches('price', '^[0-9]{1,7}([.][0-9]{1,2})?$') }} as price_matches,
        {{ matches('word', '^[0-9]+$') }} as word_matches,
        {{ matches('no_text', '^[0-9]+$') }} as no_text_matches,
        {{ cast_or_null('price', type_money()) }} as price_value,
        {{ cast_or_null('whole_number', type_int64()) }} as whole_value,
        {{ cast_or_null('too_large', type_int64()) }} as too_large_value,
        {{ cast_or_null('word', type_int64()) }} as word_value,
        {{ year_start("cast('2020-02-29' as date)") }} as leap_year
    from cases

)

select *
from judged
where
    not (price_matches and not word_matches)
    or no_text_matches is not null
    or price_value <> 162.01
    or whole_value <> 1515915625440944408
    or too_large_value is not null
    or word_value is not null
    or leap_year <> cast('2020-01-01' as date)
