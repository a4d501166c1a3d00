"""Draws that are the same everywhere: integers mixed by integers, and tables."""

import csv
import unicodedata
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

FOLDER = Path(__file__).parent
SEOUL_SECONDS = 9 * 3600
EPOCH = date(1970, 1, 1)

# Bit mixing after "lowbias32" by Chris Wellons; every product stays below 2^63.
MACROS = """
create macro fold(x, bits) as xor(x, x >> bits);
create macro low32(x) as x & 4294967295;
create macro mix(x) as
    fold(low32(fold(low32(fold(low32(x), 16) * 2146121005), 15) * 73244475), 16);
create macro purpose_number(purpose) as ('0x' || left(md5(purpose), 7))::bigint;
create macro draw(h, purpose) as mix(h + purpose_number(purpose));
create macro pick(h, purpose, n) as (draw(h, purpose) * n) >> 32;
create macro nth(h, n) as mix(h + n * 2654435761);
create macro moment(s) as make_timestamp((s) * 1000000)::timestamptz;
create macro seoul_date(s) as date '1970-01-01' + ((s + 32400) // 86400)::integer;
create macro money(minor, currency) as case
    when currency = 'USD'
        then (minor::decimal(16, 0) * 0.01::decimal(3, 2))::decimal(18, 4)
    else minor::decimal(18, 4)
end;
"""


class Arguments(NamedTuple):
    """What a sample is a function of."""

    customers: int
    days: int
    as_of: date
    seed: int
    dirt: float
    format: str


def prepare(connection: duckdb.DuckDBPyConnection, arguments: Arguments) -> None:
    """Create the macros, the constants of this sample and the lookup tables."""
    connection.execute("set global timezone = 'UTC'")
    connection.execute(MACROS)
    end_day = (arguments.as_of - EPOCH).days + 1
    constants = {
        "day_count": arguments.days,
        "first_day": end_day - arguments.days,
        "start_s": (end_day - arguments.days) * 86400 - SEOUL_SECONDS,
        "end_s": end_day * 86400 - SEOUL_SECONDS,
        "dirt_ppm": round(arguments.dirt * 1_000_000),
    }
    for name, value in constants.items():
        create_constant(connection, name, value)
    for name in ("seed_h", "product_seed_h", "campaign_seed_h", "rate_seed_h"):
        row = connection.execute(
            f"select draw({arguments.seed}::bigint, '{name}')"
        ).fetchone()
        assert row is not None
        create_constant(connection, name, row[0])
    load_lookups(connection)


def create_constant(
    connection: duckdb.DuckDBPyConnection, name: str, value: int
) -> None:
    """Make a number available to SQL as `name()`."""
    connection.execute(f"create macro {name}() as {value}::bigint")


def load_lookups(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the committed tables and spread each weight over that many slots."""
    connection.execute(
        """
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
        create table session_steps (
            kind varchar, session varchar, weight bigint, step bigint,
            event_name varchar, seconds bigint, product bigint
        );
        create table names (
            kind varchar, generation varchar, sex varchar, country varchar,
            text varchar, weight bigint, decomposed varchar
        );
        """
    )
    for table, file in {
        "shapes": "shapes",
        "hours": "hours",
        "regions": "regions",
        "categories": "categories",
        "shop_products": "products",
        "lunar_holidays": "lunar_holidays",
        "consent_shares": "consent_shares",
        "session_steps": "sessions",
    }.items():
        connection.execute(f"copy {table} from '{quoted(FOLDER / file)}.csv' (header)")
    with (FOLDER / "names.csv").open(encoding="utf-8", newline="") as file_object:
        rows = list(csv.reader(file_object))[1:]
    values = ", ".join(
        "(" + ", ".join(f"'{text}'" for text in (*row, decomposed(row[4]))) + ")"
        for row in rows
    )
    connection.execute(f"insert into names values {values}")
    connection.execute(SLOTS)


def decomposed(text: str) -> str:
    """A text with Hangul taken apart, as some devices send it."""
    return unicodedata.normalize("NFD", text)


def quoted(path: Path) -> str:
    """Return a path as it goes inside single quotes of SQL."""
    return str(path).replace("'", "''")


SLOTS = """
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

create table category_slots as
select
    category,
    row_number() over (order by weight desc, category, copy) - 1 as slot,
from categories, unnest(range(weight)) as copies (copy);

create table shelf as
select
    category,
    product_number,
    row_number() over (partition by category order by product_number, copy) - 1
        as slot,
from shop_products, unnest(range(popularity)) as copies (copy);

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
    kind,
    session,
    row_number() over (partition by kind order by session, copy) - 1 as slot,
from (select distinct kind, session, weight from session_steps),
    unnest(range(weight)) as copies (copy);
"""
