-- What customers said about themselves, or what was concluded about them.
create or replace temp view customer_attributes_rows as
with questions as (

    select
        attributes.attribute,
        sources.source,
        string_split(attributes.choices, '|') as choices,
        case sources.source
            when 'declared' then attributes.permille
            else attributes.inferred_permille
        end as permille,
        purpose_number(attributes.attribute || sources.source_n) as purpose,
        row_number() over (
            order by attributes.attribute, sources.source_n
        ) as attribute_n
    from lookups.attributes
    cross join (values ('declared', 0), ('inferred', 1)) as sources (source, source_n)

),

asked as (

    select
        people.k,
        people.customer_id,
        people.created_s,
        questions.attribute,
        questions.source,
        questions.choices,
        questions.permille,
        questions.attribute_n,
        mix(people.person_h + questions.purpose) as person_h,
        mix(people.h + questions.purpose) as h
    from people
    cross join questions
    where people.kind = 'shop'

)

select
    customer_id,
    attribute,
    source,
    choices[1 + pick(person_h, 'choice', len(choices))] as value,
    moment(
        created_s + 300
        + (end_s() - created_s - 301) * pick(h, 'declared when', 1000) // 1000
    ) as declared_at,
    k * 10 + attribute_n as row_n
from asked
where pick(h, 'has it', 1000) < permille and created_s + 301 < end_s();
