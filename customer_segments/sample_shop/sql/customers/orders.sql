-- Orders that changed lately are there twice: as they were and as they are.
create or replace temp view orders_rows as
with versions as (

    select
        *,
        1 as version
    from settled

    union all

    select
        * replace ('paid' as status, ordered_s as updated_s),
        0 as version
    from settled
    where updated_s > ordered_s and updated_s >= end_s() - 40 * 86400

)

select
    status,
    currency,
    0::decimal(18, 4) as tax_amount,
    coupon_code,
    sales_channel,
    'O' || order_number as order_id,
    case when not is_guest then customer_id end as customer_id,
    moment(ordered_s) as ordered_at,
    money(gross, currency) as gross_amount,
    money(discount, currency) as discount_amount,
    money(shipping, currency) as shipping_amount,
    case when status = 'cancelled' then moment(cancel_s) end as cancelled_at,
    moment(updated_s) as updated_at,
    order_number * 2 + version as row_n
from versions;
