with

texts (
    condition_name,
    segment,
    condition_number,
    condition_en,
    condition_ko,
    test,
    threshold,
    customer_reason_en,
    customer_reason_ko
) as (

    values
    {{ condition_texts(resolved_segments()) }}

),

conditions as (

    select
        condition_name,
        segment,
        condition_number,
        condition_en,
        condition_ko,
        nullif(test, '') as test,
        nullif(threshold, '') as threshold,
        nullif(customer_reason_en, '') as customer_reason_en,
        nullif(customer_reason_ko, '') as customer_reason_ko
    from texts

)

select * from conditions
