create or replace temp view deletion_requests_rows as
select
    customer_id,
    k as row_n,
    'D' || (10000000 + k) as request_id,
    moment(requested_s) as requested_at
from forgotten;
