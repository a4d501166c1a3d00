-- Nobody who asked to be forgotten has broken rows; each chunk of customers has a table
-- of its own of that name, and the rows of the shop itself belong to nobody.
create table forgotten (k bigint);

create macro customer_of(raw_table, row_n) as case raw_table
    when 'customers' then row_n // 2
    when 'orders' then row_n // 2000 - 10000000
    when 'order_items' then row_n // 10000 - 10000000
    when 'refunds' then row_n // 10000 - 10000000
    when 'events' then row_n // 1000000 - 10000000
    when 'consents' then row_n // 100
    when 'suppressions' then row_n // 4
    when 'campaign_messages' then row_n // 1000
    when 'customer_attributes' then row_n // 10
    when 'identity_links' then row_n // 3
end;

-- The rows that get a broken one beside them, and which fault that one has. Of
-- customers and orders only the newest versions, which have odd numbers.
create macro picked_rows(raw_table, fault_count) as table
    with hashed as (

        select
            *,
            mix(row_n + (row_n >> 32) * 7919 + seed_h()) as dirt_h,
            customer_of(raw_table, row_n) as customer_k
        from query_table(raw_table || '_rows')

    )

    select
        columns(*),
        pick(dirt_h, raw_table || ' fault', fault_count) as fault_n
    from hashed
    where
        pick(dirt_h, raw_table || ' dirt', 1000000) < setting('dirt_ppm')
        and (raw_table not in ('customers', 'orders') or row_n % 2 = 1)
        and not exists (
            select 1
            from forgotten
            where hashed.customer_k = forgotten.k
        )
    order by row_n;
