-- Cohen (1988), table 6.2.2: phi of a half is 1.571, of a quarter 1.047; pi is the most
with

cases (share, reference_share, expected) as (

    values
    (0.50, 0.50, 0.0),
    (0.50, 0.25, 0.523598775598),
    (0.25, 0.50, -0.523598775598),
    (1.00, 0.00, 3.141592653590),
    (0.00, 0.10, -0.643501108793)

),

measured as (

    select
        share,
        reference_share,
        expected,
        {{ effect_size('share::double', 'reference_share::double') }} as effect_size
    from cases

)

select *
from measured
where abs(effect_size - expected) > 0.00000001 or effect_size is null
