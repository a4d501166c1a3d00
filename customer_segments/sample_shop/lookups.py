"""The committed tables, each weight spread over that many slots."""

import csv
import unicodedata
from pathlib import Path

import duckdb

from .draws import quoted

FOLDER = Path(__file__).parent
TABLES = """
create table shapes (
    slot bigint, exponential bigint, growth bigint, order_gap bigint,
    later_orders bigint, visit_gap bigint
);
create table hours (hour bigint, weight bigint);
create table regions (
    region varchar, weight bigint, spellings varchar, cities varchar
);
create table categories (category varchar, weight bigint);
create table shop_products (
    product_number bigint, category varchar, name varchar, price bigint,
    unit_cost bigint, popularity bigint
);
create table lunar_holidays (name varchar, holiday date);
create table consent_shares (
    channel varchar, purpose varchar, granted bigint, refused bigint,
    withdrawn bigint
);
create table session_steps_read (
    kind varchar, session varchar, weight bigint, step bigint,
    event_name varchar, seconds bigint, product bigint
);
create table industries (
    naics_code varchar, industry varchar, business_model varchar, names varchar,
    revenue_per_head bigint, ad_permille bigint
);
create table technologies (category varchar, vendor varchar, product varchar);
create table attribute_values (
    attribute varchar, permille bigint, inferred_permille bigint, choices varchar
);
create table plan_prices_read (plan varchar, share bigint, monthly_price bigint);
create table release_plan (
    release_id varchar, name varchar, kind varchar, percent bigint,
    start_second bigint, length bigint
);
create table channel_costs (signup_channel varchar, share bigint, cost_each bigint);
create table targets_read (
    segment varchar, metric varchar, permille bigint, monthly_growth bigint
);
create table names (
    kind varchar, generation varchar, sex varchar, country varchar,
    text varchar, weight bigint, decomposed varchar
);
"""
FILES = {
    "shapes": "shapes",
    "hours": "hours",
    "regions": "regions",
    "categories": "categories",
    "shop_products": "products",
    "lunar_holidays": "lunar_holidays",
    "consent_shares": "consent_shares",
    "session_steps_read": "sessions",
    "industries": "industries",
    "technologies": "technologies",
    "attribute_values": "attributes",
    "plan_prices_read": "plan_prices",
    "release_plan": "releases",
    "channel_costs": "channel_costs",
    "targets_read": "targets",
}


def load_lookups(connection: duckdb.DuckDBPyConnection, encoding: str) -> None:
    """Load the committed tables, with names that the encoding can write."""
    connection.execute(TABLES)
    for table, file in FILES.items():
        connection.execute(f"copy {table} from '{quoted(FOLDER / file)}.csv' (header)")
    with (FOLDER / "names.csv").open(encoding="utf-8", newline="") as file_object:
        rows = list(csv.DictReader(file_object))
    written = [
        (
            *(row[name] for name in ("kind", "generation", "sex", "country")),
            spelled(row, encoding),
            row["weight"],
            decomposed(row["text"], encoding),
        )
        for row in rows
    ]
    values = ", ".join(
        "(" + ", ".join(f"'{text}'" for text in row) + ")" for row in written
    )
    connection.execute(f"insert into names values {values}")
    connection.execute(SLOTS)


def spelled(row: dict[str, str], encoding: str) -> str:
    """A name, in Latin letters where the encoding has no others for it."""
    try:
        row["text"].encode(encoding)
    except UnicodeEncodeError:
        return row["latin"]
    return row["text"]


def decomposed(text: str, encoding: str) -> str:
    """A text with Hangul taken apart, as some devices send it; CP949 has no parts."""
    return unicodedata.normalize("NFD", text) if encoding == "utf-8" else text


# What repeats a hundred million times is an enumeration: it is written five times as
# fast as text. Slots have one number, so that looking one up is indexing an array.
SLOTS = """
create type product_code as enum (
    select 'P' || (1000 + product_number)
    from shop_products
    order by product_number
);
create type product_name as enum (select distinct name from shop_products order by 1);
create type event_name as enum (
    select distinct event_name from session_steps_read order by 1
);
create type session_name as enum (
    select distinct session from session_steps_read order by 1
);
create type session_kind as enum (
    select distinct kind from session_steps_read order by 1
);
create type device as enum ('mobile', 'desktop', 'tablet');
create type os as enum ('Android', 'iOS', 'iPadOS', 'macOS', 'Windows');
create type browser as enum ('Whale', 'Chrome', 'Safari', 'Samsung Internet');
create type app_version as enum ('5.0.0', '5.1.0', '5.2.0', '5.3.0');
create type page_path as enum (
    select unnest(
        ['/', '/best', '/new', '/search', '/events', '/plans', '/checkout']
    )
    union all
    select '/category/' || category from categories
    union all
    select '/products/P' || (1000 + product_number) from shop_products
    union all
    select '/stories/' || n from range(40) as stories (n)
);

create table product_codes as
select
    product_number,
    ('P' || (1000 + product_number))::product_code as product_id,
    name::product_name as search_term,
    ('/products/P' || (1000 + product_number))::page_path as product_page,
    ('/category/' || category)::page_path as category_page,
from shop_products;

create table story_pages as
select
    n,
    ('/stories/' || n)::page_path as page,
from range(40) as stories (n);

create table session_steps as
select
    session::session_name as session,
    step,
    event_name::event_name as event_name,
    seconds,
    product,
from session_steps_read;

create table hour_slots as
select
    hour,
    row_number() over (order by hour, copy) - 1 as slot,
from hours, unnest(range(weight)) as copies (copy);

create table region_slots as
select
    region,
    string_split(spellings, '|') as spellings,
    string_split(cities, '|') as cities,
    row_number() over (order by weight desc, region, copy) - 1 as slot,
from regions, unnest(range(weight)) as copies (copy);

create table category_numbers as
select
    category,
    row_number() over (order by category) - 1 as category_n,
from categories;

create table category_slots as
select
    category,
    category_n,
    row_number() over (order by weight desc, category, copy) - 1 as slot,
from categories
inner join category_numbers using (category),
    unnest(range(weight)) as copies (copy);

create table shelf as
select
    product_number,
    category_n * 64 + row_number() over (
        partition by category order by product_number, copy
    ) - 1 as shelf_n,
from shop_products
inner join category_numbers using (category),
    unnest(range(popularity)) as copies (copy);

create table name_slots as
select
    kind,
    generation,
    sex,
    country,
    text,
    decomposed,
    row_number() over (
        partition by kind, generation, sex, country order by text, copy
    ) - 1 as slot,
from names, unnest(range(weight)) as copies (copy);

create table session_slots as
select
    session::session_name as session,
    enum_code(kind::session_kind)::bigint * 1000
    + row_number() over (partition by kind order by session, copy) - 1 as slot,
from (select distinct kind, session, weight from session_steps_read),
    unnest(range(weight)) as copies (copy);
"""
