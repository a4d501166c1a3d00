create or replace temp view campaign_messages_rows as
select
    campaign_id,
    customer_id,
    channel,
    variant,
    'G' || ((10000000 + k) * 1000 + n) as message_id,
    moment(sent_s) as sent_at,
    moment(delivered_s) as delivered_at,
    moment(opened_s) as opened_at,
    moment(clicked_s) as clicked_at,
    moment(unsubscribed_s) as unsubscribed_at,
    k * 1000 + n as row_n
from messages;
