-- Products, of which some sell out. Their prices change about every ninety days, stay
-- within what their category costs, and end as the list price does.
create table price_changes as
with hashed as materialized (

    select
        products.product_number,
        products.price as list_price,
        categories.lowest_price,
        categories.highest_price,
        mix(mix(products.product_number) + setting('product_seed_h')) as h
    from lookups.products
    inner join lookups.categories on products.category = categories.category

),

changes as materialized (

    select
        hashed.*,
        versions.version,
        nth(hashed.h, versions.version) as version_h
    from hashed, unnest(range(2 + day_count() // 90)) as versions (version)

),

dated as (

    select
        product_number,
        list_price,
        lowest_price,
        highest_price,
        case
            when version = 0 then start_s() - 2220 * 86400
            when version = 1 + day_count() // 90
                then end_s() - (1 + pick(h, 'sale day', 5)) * 86400 + 36000
            else
                start_s()
                + (version * 90 - 60 + pick(version_h, 'day', 60)) * 86400
        end as from_s,
        case
            when version = 0 then list_price
            when version = 1 + day_count() // 90 then list_price * 80 // 100
            else list_price * (88 + pick(version_h, 'step', 25)) // 100
        end as wanted_price
    from changes
    where
        version = 0
        or (version = 1 + day_count() // 90 and pick(h, 'sale', 100) < 20)
        or (version <= day_count() // 90 and pick(version_h, 'changes', 2) = 1)

),

priced as (

    select
        product_number,
        from_s,
        greatest(
            lowest_price,
            least(
                highest_price,
                (wanted_price + 500) // 1000 * 1000
                - case when list_price % 1000 = 900 then 100 else 0 end
            )
        ) as price
    from dated
    where from_s < end_s()

)

select
    product_number,
    price,
    from_s,
    lead(from_s, 1, 9000000000) over (
        partition by product_number order by from_s
    ) as to_s
from priced
qualify row_number() over (partition by product_number, from_s order by price) = 1;

create table assortment as
with hashed as (

    select
        *,
        mix(mix(product_number) + setting('product_seed_h')) as h
    from lookups.products

),

shelved as (

    select
        *,
        case
            when pick(h, 'sold out', 100) < 8
                then end_s() - (5 + pick(h, 'sold out when', 55)) * 86400
            else 9000000000
        end as sold_out_s
    from hashed

)

select
    product_number,
    sold_out_s,
    coalesce(
        min(product_number) filter (where sold_out_s = 9000000000)
            over (partition by category),
        product_number
    ) as substitute_number
from shelved;

create table products_rows as
select
    products.name,
    products.category,
    products.product_number as row_n,
    'P' || (1000 + products.product_number) as product_id,
    products.unit_cost::decimal(18, 4) as unit_cost,
    assortment.sold_out_s = 9000000000 as is_active
from lookups.products
inner join assortment on products.product_number = assortment.product_number
where setting('has_shop');

create table product_prices_rows as
select
    'P' || (1000 + product_number) as product_id,
    price::decimal(18, 4) as price,
    moment(from_s) as valid_from,
    row_number() over (order by product_number, from_s) as row_n
from price_changes
where setting('has_shop');
