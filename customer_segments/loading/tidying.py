"""Cells without the signs that spreadsheets put around them, and words for nothing."""

from collections.abc import Sequence

import duckdb

from customer_segments.loading.quoting import quote_name, quote_text

# ="010…", and an apostrophe before what would be a formula or a number
WRAPPED = """=".*"|'([=+@-].*|[0-9][0-9 .,:/-]*)"""
UNWRAPPED = r"""^=?["'](.*?)"?$"""


def tidied(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    names: Sequence[str],
    nulls: Sequence[str],
) -> tuple[str, int]:
    """SQL for rows of text without wrappings and words for nothing; cells unwrapped."""
    # a cell that begins with none of these is not looked at any further
    tests = [
        "count(*) filter (where ("
        + " or ".join(
            f"prefix({quote_name(name)}, {quote_text(sign)})" for sign in "='\u0020"
        )
        + f") and {is_wrapped(quote_name(name))})"
        for name in names
    ]
    counts = connection.sql(f"select {', '.join(tests)} from ({relation})").fetchone()
    assert counts is not None
    wrapped = [name for name, count in zip(names, counts, strict=True) if count]
    bare = replaced(relation, {name: unwrapped(quote_name(name)) for name in wrapped})
    return nothing_for(bare, names, nulls), sum(counts)


def is_wrapped(text: str) -> str:
    """SQL: whether a cell stands in a spreadsheet's signs."""
    return f"regexp_full_match(trim({text}), {quote_text(WRAPPED)})"


def unwrapped(text: str) -> str:
    """SQL: a cell without its wrapping."""
    bare = f"regexp_extract(trim({text}), {quote_text(UNWRAPPED)}, 1)"
    return f"case when {is_wrapped(text)} then {bare} else {text} end"


def nothing_for(relation: str, names: Sequence[str], nulls: Sequence[str]) -> str:
    """SQL for rows in which the words for nothing are nothing, in columns of text."""
    if not nulls:
        return relation
    words = ", ".join(quote_text(word.strip().upper()) for word in nulls)
    return replaced(
        relation,
        {
            name: f"case when upper(trim({quote_name(name)})) in ({words}) then null"
            f" else {quote_name(name)} end"
            for name in names
        },
    )


def replaced(relation: str, columns: dict[str, str]) -> str:
    """SQL for rows with other expressions in the place of columns."""
    if not columns:
        return relation
    told = ", ".join(f"{sql} as {quote_name(name)}" for name, sql in columns.items())
    return f"select * replace ({told}) from ({relation})"
