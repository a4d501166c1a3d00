-- The committed tables, each weight spread over that many slots. Slots have one number,
-- so that looking one up is indexing an array.
create table product_codes as
select
    product_number,
    ('P' || (1000 + product_number))::product_code as product_id,
    name::product_name as search_term,
    ('/products/P' || (1000 + product_number))::page_path as product_page,
    ('/category/' || category)::page_path as category_page
from lookups.products;

create table story_pages as
select
    stories.n,
    ('/stories/' || stories.n)::page_path as page
from range(40) as stories (n);

create table session_steps as
select
    step,
    seconds,
    product,
    session::session_name as session,
    event_name::event_name as event_name
from lookups.sessions;

create table hour_slots as
select
    hours.hour,
    row_number() over (order by hours.hour, copies.copy) - 1 as slot
from lookups.hours, unnest(range(hours.weight)) as copies (copy);

create table region_slots as
select
    regions.region,
    string_split(regions.spellings, '|') as spellings,
    string_split(regions.cities, '|') as cities,
    row_number() over (
        order by regions.weight desc, regions.region asc, copies.copy asc
    ) - 1 as slot
from lookups.regions, unnest(range(regions.weight)) as copies (copy);

create table signup_slots as
select
    signup_channels.signup_channel,
    signup_channels.loyalty,
    row_number() over (
        order by
            signup_channels.share desc,
            signup_channels.signup_channel asc,
            copies.copy asc
    ) - 1 as slot
from lookups.signup_channels,
    unnest(range(signup_channels.share)) as copies (copy);

create table category_numbers as
select
    category,
    weight,
    row_number() over (order by category) - 1 as category_n
from lookups.categories;

create table category_slots as
select
    category_numbers.category,
    category_numbers.category_n,
    row_number() over (
        order by
            category_numbers.weight desc,
            category_numbers.category asc,
            copies.copy asc
    ) - 1 as slot
from category_numbers, unnest(range(category_numbers.weight)) as copies (copy);

create table shelf as
select
    products.product_number,
    category_numbers.category_n * 64 + row_number() over (
        partition by products.category order by products.product_number, copies.copy
    ) - 1 as shelf_n
from lookups.products
inner join category_numbers on products.category = category_numbers.category,
    unnest(range(products.popularity)) as copies (copy);

create table session_slots as
with weighed as (

    select distinct
        kind,
        session,
        weight
    from lookups.sessions

)

select
    weighed.session::session_name as session,
    enum_code(weighed.kind::session_kind)::bigint * 1000
    + row_number() over (
        partition by weighed.kind order by weighed.session, copies.copy
    ) - 1 as slot
from weighed, unnest(range(weighed.weight)) as copies (copy);

create table industry_slots as
select
    industry,
    business_model,
    names,
    revenue_per_head,
    ad_permille,
    naics_code::varchar as naics_code,
    row_number() over (order by naics_code) - 1 as slot
from lookups.industries;

create table numbered_technologies as
select
    category,
    vendor,
    product,
    row_number() over (order by category, vendor) - 1 as technology_n
from lookups.technologies;
