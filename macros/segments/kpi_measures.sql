{% macro kpi_measures() -%}
    {{ return([
        'customer_count', 'entered', 'left_count',
        'active_customer_count', 'active_days', 'engaged_minutes', 'app_customer_count',
        'sharing_customer_count', 'reviewing_customer_count', 'complaining_customer_count',
        'converted_customer_count', 'conversion_count',
        'ordering_customer_count', 'order_count', 'coupon_order_count',
        'gross_amount', 'discount_amount', 'net_revenue', 'margin',
        'charged_amount', 'refunded_amount',
        'delivered_message_count', 'opened_message_count', 'clicked_message_count',
        'reachable_by_email_count', 'reachable_by_sms_count', 'reachable_by_push_count',
        'reachable_by_alimtalk_count', 'reachable_by_brand_message_count',
        'reachable_by_in_app_count',
        'followed_customer_count', 'followed_prospect_count', 'followed_buyer_count',
        'followed_converted_count', 'followed_active_count', 'followed_retained_count',
        'followed_ordered_count', 'followed_first_order_count', 'followed_repeat_count',
        'followed_lapsed_count', 'followed_won_back_count', 'followed_churned_count',
        'followed_app_count', 'followed_profile_count', 'followed_plan_change_count',
        'followed_cancelled_count', 'followed_uncancelled_count',
        'followed_unsubscribed_count',
    ]) }}
{%- endmacro %}
