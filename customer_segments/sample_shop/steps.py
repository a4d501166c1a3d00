"""The SQL of the shop, in the order in which it runs; the files say what each is."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from customer_segments.loading.quoting import quote_name, quote_pattern, quote_text

FOLDER = Path(__file__).parent
SHOP = [
    "slots",
    "names",
    "calendar",
    "products",
    "campaigns",
    "exchange_rates",
    "plan_prices",
    "releases",
    "blocked_ids",
    "plans",
    "facts",
    "truth",
]
CUSTOMERS = [
    "people",
    "plan_changes",
    "grants",
    "messages",
    "drawn_orders",
    "lifted_orders",
    "early_orders",
    "marketplace_orders",
    "placed",
    "lines",
    "settled",
    "active_until",
    "sessions",
    "customers",
    "orders",
    "order_items",
    "refunds",
    "events",
    "consents",
    "suppressions",
    "forgotten",
    "deletion_requests",
    "campaign_messages",
    "customer_attributes",
    "identity_links",
    "accounts",
    "account_technologies",
    "truth",
]


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
    kind: str


def open_shop(connection: duckdb.DuckDBPyConnection, arguments: Arguments) -> None:
    """Create what all customers share: days, products, campaigns, rates and plans."""
    connection.execute("set global timezone = 'UTC'")
    for name, value in arguments._asdict().items():
        set_variable(connection, name, value)
    run(connection, "macros", "dirt", "settings")
    recall(connection, "settings")
    connection.execute("create schema lookups")
    for path in FOLDER.glob("*.csv"):
        connection.execute(
            f"create table lookups.{quote_name(path.stem)}"
            f" as from read_csv({quote_pattern(path)}, header = true)"
        )
    run(connection, "shop/words")
    found = connection.execute("select distinct enumeration from words").fetchall()
    for (name,) in found:
        connection.execute(
            f"create type {quote_name(name)} as enum (select word from words"
            f" where enumeration = {quote_text(name)} order by word)"
        )
    run(connection, *(f"shop/{step}" for step in SHOP))
    recall(connection, "facts")


def draw_customers(
    connection: duckdb.DuckDBPyConnection, first: int, last: int
) -> None:
    """Create the rows of the customers from `first` up to before `last`."""
    recall(connection, "settings")
    recall(connection, "facts")
    set_variable(connection, "first", first)
    set_variable(connection, "last", last)
    run(connection, *(f"customers/{step}" for step in CUSTOMERS))


def run(connection: duckdb.DuckDBPyConnection, *steps: str) -> None:
    """Run the statements of files."""
    for step in steps:
        connection.execute((FOLDER / "sql" / f"{step}.sql").read_text("utf-8"))


def recall(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Let macros read the one row of a table as a constant, on this connection."""
    connection.execute(f"set variable {table} = (select {table} from {table})")


def set_variable(
    connection: duckdb.DuckDBPyConnection, name: str, value: object
) -> None:
    """Let the statements read a value as text with `getvariable`, on this connection.

    A literal, since the first parameter of a process costs the import of pandas.
    """
    connection.execute(f"set variable {name} = {quote_text(str(value))}")
