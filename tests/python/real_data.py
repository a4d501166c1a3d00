"""Two real shops as raw tables: which of their columns means which of ours.

The data stay where they are, beside the repository (`../shared/data`); what is written
here goes to a folder of the test. Amounts are rounded in the mapping, on purpose and
once for each order: the loader quarantines more decimals than a currency has.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.python.warehouse import ROOT

SHARED = ROOT.parent / "shared" / "data"
ONLINE_RETAIL = SHARED / "online_retail"
CDNOW = SHARED / "cdnow"

# A customer is known from their first line of any kind, cancellations included.
# Countries are names there and codes here: they stay behind.
ONLINE_RETAIL_CUSTOMERS = """
    select
        customer_id::varchar as customer_id,
        min(invoice_ts) as created_at
    from lines
    where customer_id is not null
    group by customer_id
    order by customer_id
"""

# An invoice is an order, placed at its last line (43 have two times, on one day each).
# Invoices beginning with C are cancellations: nothing says of which order, so that they
# can neither be refunds (which need one) nor orders (they are below zero).
ONLINE_RETAIL_ORDERS = """
    select
        invoice_no as order_id,
        customer_id::varchar as customer_id,
        max(invoice_ts) as ordered_at,
        'delivered' as status,
        'GBP' as currency,
        round(sum(quantity * unit_price::decimal(18, 4)), 2)::decimal(18, 4)
            as gross_amount
    from lines
    where invoice_no not like 'C%'
    group by invoice_no, customer_id
    order by invoice_no
"""

# The file has no line numbers; equal lines of an invoice are lines all the same.
ONLINE_RETAIL_ITEMS = """
    select
        invoice_no as order_id,
        (row_number() over (
            partition by invoice_no order by stock_code, quantity, unit_price
        ))::int as line,
        stock_code as product_id,
        quantity::int as quantity,
        unit_price::decimal(18, 4) as unit_price
    from lines
    where invoice_no not like 'C%'
    order by invoice_no, line
"""

# Dates only: midnight in UTC, read in UTC, so that no zone can move a day.
CDNOW_CUSTOMERS = """
    select
        sample_id as customer_id,
        min(date) || 'T00:00:00Z' as created_at
    from lines
    group by sample_id
    order by sample_id
"""

# No order id: each row is an order, equal rows too, named by its place in the file.
CDNOW_ORDERS = """
    select
        'row-' || row_number() over () as order_id,
        sample_id as customer_id,
        date || 'T00:00:00Z' as ordered_at,
        'delivered' as status,
        'USD' as currency,
        dollar_value as gross_amount
    from lines
"""


def write_online_retail(raw: Path) -> None:
    """Write raw Parquet files: customers, orders and order_items; local times."""
    with duckdb.connect() as connection:
        connection.read_parquet(
            str(ONLINE_RETAIL / "online_retail_2010_2011.parquet")
        ).create_view("lines")
        for table, query in {
            "customers": ONLINE_RETAIL_CUSTOMERS,
            "orders": ONLINE_RETAIL_ORDERS,
            "order_items": ONLINE_RETAIL_ITEMS,
        }.items():
            write(connection, raw, table, query, "parquet")


def write_cdnow(raw: Path) -> None:
    """Write raw CSV files: customers and orders; times in UTC."""
    with duckdb.connect() as connection:
        connection.read_csv(
            str(CDNOW / "cdnow_sample.csv"), header=True, all_varchar=True
        ).create("lines")
        for table, query in {
            "customers": CDNOW_CUSTOMERS,
            "orders": CDNOW_ORDERS,
        }.items():
            write(connection, raw, table, query, "csv")


def write(
    connection: duckdb.DuckDBPyConnection,
    raw: Path,
    table: str,
    query: str,
    file_format: str,
) -> None:
    """Write the rows of a query as the only file of a raw table."""
    folder = raw / table
    folder.mkdir(parents=True)
    relation = connection.sql(query)
    path = str(folder / f"{table}.{file_format}")
    if file_format == "csv":
        relation.write_csv(path, header=True)
    else:
        relation.write_parquet(path)
