-- sha256_hex of FIPS 180's example, short_key, and unambiguous_text, which tells a null from an
-- empty text and one split of the same letters from another.
with

cases as (

    select
        'abc' as a,
        'ab' as b,
        'c' as c,
        cast(null as {{ dbt.type_string() }}) as missing

)

select *
from cases
where
    {{ sha256_hex('a') }} <> 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    or {{ short_key('a') }} <> 'ba7816bf8f01cfea414140de5dae2223'
    or {{ unambiguous_text(['b', 'c', 'missing']) }} <> '2:ab1:c~'
    or {{ as_text('12') }} <> '12'
