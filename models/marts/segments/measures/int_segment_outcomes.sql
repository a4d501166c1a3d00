with

customers as (

    select * from {{ ref('int_window_customers') }}

),

-- found early enough to see what became of them, and in it at some time in the window
followed as (

    select
        segment,
        customer_id,
        greatest(
            min(valid_from), {{ as_of_date() }} - {{ var('kpi_window_days') }}
        ) as found_on
    from {{ ref('segment_membership_spells') }}
    where
        valid_from <= {{ as_of_date() }} - {{ var('kpi_follow_up_days') }}
        and coalesce(
            valid_to > {{ as_of_date() }} - {{ var('kpi_window_days') }}, true
        )
    group by segment, customer_id

),

judged as (

    select
        followed.segment,
        coalesce(customers.first_ordered_on <= followed.found_on, false) as is_buyer,
        (
            coalesce(customers.churned_on <= followed.found_on, false)
            and coalesce(customers.back_on > followed.found_on, true)
        ) as was_churned,
        coalesce(customers.purchase_stage = 'churned', false) as is_churned,
        customers.last_active_on > followed.found_on as is_active,
        customers.last_active_on > {{ as_of_date() }} - 7 as is_retained,
        customers.last_converted_on > followed.found_on as is_converted,
        coalesce(customers.last_ordered_on > followed.found_on, false) as has_ordered,
        customers.last_app_on > followed.found_on as has_used_app,
        customers.profile_completeness = 1 as has_profile,
        customers.last_unsubscribed_on > followed.found_on as has_unsubscribed,
        coalesce(customers.last_cancelled_on > followed.found_on, false)
            as has_cancelled,
        (
            customers.last_plan_change_on > followed.found_on
            and coalesce(
                customers.last_cancelled_on <= customers.last_plan_change_on, true
            )
        ) as has_changed_plan
    from followed
    inner join customers
        on followed.customer_id = customers.customer_id

),

outcomes as (

    select
        segment,
        count(*) as followed_customer_count,
        count_if(not is_buyer) as followed_prospect_count,
        count_if(is_buyer) as followed_buyer_count,
        count_if(is_converted) as followed_converted_count,
        count_if(is_active) as followed_active_count,
        count_if(is_retained) as followed_retained_count,
        count_if(has_ordered) as followed_ordered_count,
        count_if(has_ordered and not is_buyer) as followed_first_order_count,
        count_if(has_ordered and is_buyer) as followed_repeat_count,
        count_if(was_churned) as followed_lapsed_count,
        count_if(has_ordered and was_churned) as followed_won_back_count,
        count_if(is_buyer and is_churned) as followed_churned_count,
        count_if(has_used_app) as followed_app_count,
        count_if(has_profile) as followed_profile_count,
        count_if(has_changed_plan) as followed_plan_change_count,
        count_if(has_cancelled) as followed_cancelled_count,
        count_if(not has_cancelled) as followed_uncancelled_count,
        count_if(has_unsubscribed) as followed_unsubscribed_count
    from judged
    group by segment

)

select * from outcomes
