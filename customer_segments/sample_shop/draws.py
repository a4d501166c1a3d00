"""Draws that are the same everywhere: integers mixed by integers."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

SEOUL_SECONDS = 9 * 3600
EPOCH = date(1970, 1, 1)

# Bit mixing after "lowbias32" by Chris Wellons; every product stays below 2^63.
# A timestamp made from a number costs a fortieth of one cast through a time zone.
MACROS = """
create macro fold(x, bits) as xor(x, x >> bits);
create macro low32(x) as x & 4294967295;
create macro mix(x) as
    fold(low32(fold(low32(fold(low32(x), 16) * 2146121005), 15) * 73244475), 16);
create macro purpose_number(purpose) as ('0x' || left(md5(purpose), 7))::bigint;
create macro draw(h, purpose) as mix(h + purpose_number(purpose));
create macro pick(h, purpose, n) as (draw(h, purpose) * n) >> 32;
create macro nth(h, n) as mix(h + n * 2654435761);
create macro moment(s) as make_timestamptz((s) * 1000000);
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
    encoding: str
    oversized: int


def prepare(connection: duckdb.DuckDBPyConnection, arguments: Arguments) -> None:
    """Create the macros and the constants of this sample."""
    connection.execute("set global timezone = 'UTC'")
    connection.execute(MACROS)
    end_day = (arguments.as_of - EPOCH).days + 1
    constants = {
        "customer_count": arguments.customers,
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


def create_constant(
    connection: duckdb.DuckDBPyConnection, name: str, value: int
) -> None:
    """Make a number available to SQL as `name()`."""
    connection.execute(f"create macro {name}() as {value}::bigint")


def quoted(path: Path) -> str:
    """Return a path as it goes inside single quotes of SQL."""
    return str(path).replace("'", "''")
