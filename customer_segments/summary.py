"""What a build found, in a few tables."""

from __future__ import annotations

import duckdb
from rich.console import Console

from customer_segments.terminal import table

# title, headings and query of each table; the first has a row for each oddity
ODD = (
    "\nTo look at",
    ["table", "rows", "what is odd"],
    """
    select 'orders', count(*), 'refunded more than they came to (is_over_refunded)'
    from orders
    where is_over_refunded
    having count(*) > 0
    union all
    select 'order_line_gaps', gap_count, 'not worth what their lines come to'
    from order_line_gaps
    where is_suspicious
    union all
    select 'customers', sum(id_count), 'ids that differ in capitals alone'
    from (
        select count(*) as id_count
        from customers
        group by lower(customer_id)
        having count(*) > 1
    )
    having sum(id_count) > 0
    union all
    select 'customers', count(*), 'of a country that is none of country_aliases'
    from main_staging.stg_customers
    inner join customers using (customer_id)
    where
        stg_customers.row_state = 'kept'
        and trim(stg_customers.country) <> ''
        and customers.country is null
    having count(*) > 0
    """,
)
TABLES = [
    (
        "\nRows: every row that came in is accounted for",
        ["raw table", "in", "kept", "superseded", "not yet", "quarantined", "why"],
        """
        with reasons as (
            select raw_table, reason, count(*) as row_count
            from quarantined_rows
            group by raw_table, reason
        ),
        told as (
            select
                raw_table,
                string_agg(
                    reason || ' ' || row_count, ', '
                    order by row_count desc, reason
                ) as why
            from reasons
            group by raw_table
        )
        select
            row_fates.raw_table,
            rows_in,
            kept,
            superseded,
            not_yet,
            quarantined,
            coalesce(why, '')
        from row_fates
        left join told on row_fates.raw_table = told.raw_table
        order by rows_in desc, row_fates.raw_table
        """,
    ),
    ODD,
    (
        "\nPurchase stages",
        ["stage", "", "customers", "%"],
        """
        select
            label_en,
            label_ko,
            count(*) as customer_count,
            round(100.0 * count(*) / sum(count(*)) over (), 1)
        from customers
        inner join labels
            on
                labels.vocabulary = 'purchase_stage'
                and labels.value = customers.purchase_stage
        where not is_test
        group by label_en, label_ko
        order by customer_count desc, label_en
        """,
    ),
    (
        "\nLargest segments, and who moved since the run before",
        ["segment", "", "customers", "entered", "left"],
        """
        select
            segments.segment,
            segments.label_ko,
            segment_sizes.customer_count,
            segment_sizes.entered,
            segment_sizes."left"
        from segment_sizes
        inner join segments on segment_sizes.segment = segments.segment
        where as_of_date = (select max(as_of_date) from segment_sizes)
        order by segment_sizes.customer_count desc, segments.segment
        limit 10
        """,
    ),
    (
        "\nAudiences",
        ["audience", "channel", "members", "sendable", "excluded", "why"],
        """
        with reasons as (
            select audience, reason, count(*) as customer_count
            from audience_exclusions
            group by audience, reason
        ),
        told as (
            select
                audience,
                string_agg(
                    reason || ' ' || customer_count, ', '
                    order by customer_count desc, reason
                ) as why
            from reasons
            group by audience
        )
        select
            audiences.audience,
            channel,
            member_count,
            sendable_count,
            member_count - sendable_count,
            coalesce(why, '')
        from audiences
        left join told on audiences.audience = told.audience
        order by audiences.audience
        """,
    ),
]


def print_summary(connection: duckdb.DuckDBPyConnection, out: Console) -> None:
    """Print rows, what is odd, stages, the largest segments, and audiences."""
    for one in TABLES:
        print_table(connection, out, one)


def print_odd(connection: duckdb.DuckDBPyConnection, out: Console) -> None:
    """Print what is odd about the tables of a build, if anything is."""
    print_table(connection, out, ODD)


def print_table(
    connection: duckdb.DuckDBPyConnection, out: Console, one: tuple[str, list[str], str]
) -> None:
    """Print the rows of a query below a title; nothing where there are none."""
    title, headings, query = one
    rows = connection.sql(query).fetchall()
    if rows:
        out.print(table(title, headings, rows))
