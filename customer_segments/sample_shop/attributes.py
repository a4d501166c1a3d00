"""What customers said about themselves, or what was concluded about them."""

CUSTOMER_ATTRIBUTES = """
create or replace temp view customer_attributes_rows as
with asked as (

    select
        people.k,
        people.customer_id,
        people.created_s,
        attribute_values.attribute,
        attribute_values.choices,
        source_n,
        mix(
            people.person_h
            + purpose_number(attribute_values.attribute || source_n)
        ) as person_h,
        mix(people.h + purpose_number(attribute_values.attribute || source_n)) as h,
        case source_n
            when 0 then attribute_values.permille
            else attribute_values.inferred_permille
        end as permille,
        row_number() over (
            partition by people.k order by attribute_values.attribute, source_n
        ) as attribute_n,
    from people
    cross join attribute_values
    cross join (values (0), (1)) as sources (source_n)

)

select
    customer_id,
    attribute,
    string_split(choices, '|')[
        1 + pick(person_h, 'choice', length(choices) - length(replace(choices, '|', ''))
            + 1)
    ] as value,
    case source_n when 0 then 'declared' else 'inferred' end as source,
    moment(
        created_s + 300
        + (end_s() - created_s - 301) * pick(h, 'declared when', 1000) // 1000
    ) as declared_at,
    k * 10 + attribute_n as row_n,
from asked
where pick(h, 'has it', 1000) < permille and created_s + 301 < end_s()
"""
