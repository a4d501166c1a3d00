with

definitions as (

    select * from {{ ref('int_segment_definitions') }}

),

order_amounts as (

    select * from {{ ref('order_amounts') }}

),

-- the amount that a rule of the library means by a large order
amounts as (

    select
        conditions.segment,
        max(
            case
                when conditions.traits like '%|has_big_baskets|%'
                    then order_amounts.big_basket_amount
                when conditions.traits like '%|has_large_order|%'
                    then order_amounts.high_ticket_amount
            end
        ) as amount_above
    from {{ ref('int_segment_conditions') }} as conditions
    cross join order_amounts
    group by conditions.segment

),

-- what the thresholds of RFM scores come to for this shop
cells as (

    select
        conditions.segment,
        max(words.words_en) as thresholds_en,
        max(words.words_ko) as thresholds_ko
    from {{ ref('int_segment_conditions') }} as conditions
    inner join {{ ref('int_rfm_words') }} as words
        on
            conditions.traits = '|rfm_segment|'
            and conditions.test = 'is'
            and conditions.threshold = words.rfm_segment
    group by conditions.segment

),

sizes as (

    select
        segment,
        count(*) as customer_count
    from {{ ref('segment_members') }}
    group by segment

),

segments as (

    select
        definitions.segment,
        definitions.family,
        definitions.label_en,
        definitions.label_ko,
        definitions.situation_en,
        definitions.situation_ko,
        definitions.need_en,
        definitions.need_ko,
        definitions.message_en,
        definitions.message_ko,
        definitions.is_advertising,
        definitions.metric,
        definitions.owner,
        definitions.version,
        definitions.rule_in_words_en,
        definitions.rule_in_words_ko,
        definitions.parent,
        definitions.frozen_on,
        definitions.is_explicit_only,
        definitions.data_state,
        definitions.missing_data,
        amounts.amount_above,
        cells.thresholds_en,
        cells.thresholds_ko,
        case
            when definitions.data_state = 'known'
                then coalesce(sizes.customer_count, 0)
        end::bigint as customer_count
    from definitions
    left join amounts
        on definitions.segment = amounts.segment
    left join cells
        on definitions.segment = cells.segment
    left join sizes
        on definitions.segment = sizes.segment

)

select * from segments
