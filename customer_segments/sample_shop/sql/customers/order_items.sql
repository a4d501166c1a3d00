create or replace temp view order_items_rows as
select
    line::integer as line,
    quantity::decimal(18, 4) as quantity,
    'O' || order_number as order_id,
    'P' || (1000 + product_number) as product_id,
    money(unit_minor, currency) as unit_price,
    order_number * 10 + line as row_n
from lines;
