"""JSON that shops write, right and wrong, and what Python reads in it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

from tests.python.warehouse import Warehouse, failures

KEYS = ("a", "b", "A", "a.b", "a-b", "", "가", "\\u0062x", 'q\\"')
TEXTS = (
    *("", "x", "null", "007", "[특가] 셔츠", "{", "it's", "NaN", "a,]", "정보 info"),
    *('\\"', "\\\\", "\\/", "\\n", "\\ud55c", "\\ud83d\\ude00", "😀", "\u00a0", "x:1"),
    *('{\\"a\\":1.50}', ',\\"a\\":2', "\\u0000", "\x7f"),
)
NUMBERS = ("0", "-0", "1.10", "1e3", "-2.50E+07", "12345678901234567890", "0.1000")
WORDS = ("true", "false", "null")
SPOILS = (
    *("'", '"', "\\", "\t", "\n", "\x00", "\x0c", ",", ":", "{", "}", "[", "]", "/"),
    *("0", ".", "-", "+", "e", "NaN", "-inf", "Infinity", "nan", "null", "True"),
    *("\\ud83d", "\\ude00", "\\x", "\ufeff", "\u2028", " ", "a", "가", "[1]", '"a":3,'),
)


class Number(str):
    """A number as it is written."""


def value(chance: random.Random, depth: int) -> str:
    """Some value, as JSON."""
    kind = chance.randrange(10)
    if kind < 4:
        return '"' + "".join(chance.choices(TEXTS, k=chance.randint(1, 3))) + '"'
    if kind < 7 or depth == 0:
        return chance.choice(NUMBERS + WORDS)
    if kind == 7:
        return document(chance, depth - 1)
    inside = [value(chance, depth - 1) for _ in range(chance.randint(0, 3))]
    return "[" + space(chance).join((", ".join(inside), "")) + "]"


def space(chance: random.Random) -> str:
    """What may stand between two words of JSON."""
    return chance.choice(("", "", "", " ", "\n", "\t", "\r\n "))


def document(chance: random.Random, depth: int = 2) -> str:
    """An object, as JSON, without a key that is there twice."""
    keys = chance.sample(KEYS, chance.randint(0, 4))
    pairs = (
        f'{space(chance)}"{key}"{space(chance)}:{space(chance)}{value(chance, depth)}'
        for key in keys
    )
    return "{" + ",".join(pairs) + space(chance) + "}"


def spoilt(chance: random.Random, text: str) -> str:
    """A text with a character less, or something put in."""
    at = chance.randint(0, len(text))
    if chance.random() < 0.3:
        return text[:at] + text[at + 1 :]
    return text[:at] + chance.choice(SPOILS) + text[at:]


def documents(count: int, seed: int) -> list[str]:
    """So many texts, a third of them whole, the others spoilt once or twice."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        text = document(chance)
        for _ in range(number % 3):
            text = spoilt(chance, text)
        made.append(text)
    return made


def refused(word: str) -> Any:
    """What Python takes for a number and JSON does not."""
    raise ValueError(word)


def first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Keys and values; of a key that is there twice, the first."""
    return dict(reversed(pairs))


def text_of(document: str, key: str) -> str | None:
    """What the macro json_text promises."""
    try:
        found = json.loads(
            document,
            parse_int=Number,
            parse_float=Number,
            parse_constant=refused,
            object_pairs_hook=first_of_each,
        )
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except ValueError:
        return None
    value = found.get(key) if isinstance(found, dict) else None
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str) else None


def write_documents(documents: list[str], path: Path) -> None:
    """A Parquet file with the column content."""
    parquet.write_table(pyarrow.table({"content": documents}), path)


def reading(warehouse: Warehouse, key: str, relation: str) -> str:
    """The query for what the macro json_text reads in each row of a relation."""
    result = warehouse.dbt(
        *("compile", "--inline"),
        f"select content, {{{{ json_text('content', '{key}') }}}} as found "
        f"from {relation}",
    )
    assert result.success, failures(result)
    return str(result.result[-1].node.compiled_code)


def misread(rows: list[tuple[Any, ...]], key: str) -> list[tuple[Any, ...]]:
    """Documents with what was read in them and what should have been."""
    return [
        (document, found, text_of(document, key))
        for document, found in rows
        if found != text_of(document, key)
    ]
