"""A mapping proposed from what files hold: by the names of columns and by their values.

Nothing is loaded by it. Each guess says its reason, and a person reads it before it is
saved as mapping.yml; words that are known stand in `words.csv`.
"""

import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from io import StringIO
from itertools import islice
from pathlib import Path
from statistics import median_high
from unicodedata import normalize

from customer_segments.loading.casting import NULL_WORDS
from customer_segments.loading.columns import folded
from customer_segments.loading.discovery import all_files, format_of
from customer_segments.loading.formats import MONTHS, pattern_of
from customer_segments.loading.grids import (
    OLD_OFFICE,
    Cell,
    Grid,
    cell_text,
    is_blank,
    json_rows,
    web_page,
    workbook,
)
from customer_segments.loading.inspection import LIKELY_ENCODINGS, decodes
from customer_segments.loading.mapping import Options
from customer_segments.loading.plain_text import MOST_TITLES, encoding_of
from customer_segments.loading.problems import Problem, WrongInput
from customer_segments.loading.records import UTF8_MARK
from customer_segments.loading.textual import as_utf8
from customer_segments.loading.unpacking import ZIP, unpack

PROPOSED = "mapping.proposed.yml"
WORDS = Path(__file__).with_name("words.csv")
MOST_ROWS = 5_000
HEAD_BYTES = 65_536
SAMPLE_BYTES = 64 * HEAD_BYTES
PASSWORD = Options().password_env
# a vocabulary is nobody's, and is shown; more words, or words with digits, are none
MOST_WORDS = 20
DELIMITERS = ",;\t|"
FORMATS = (
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S %z"),
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d"),
    *("%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M", "%Y.%m.%d"),
    *("%Y. %m. %d. %p %I:%M:%S", "%Y. %m. %d. %p %I:%M", "%Y. %m. %d.", "%Y. %m. %d"),
    *("%Y-%m-%d %p %I:%M:%S", "%Y년 %m월 %d일 %H:%M", "%Y년 %m월 %d일"),
    *("%Y%m%d%H%M%S", "%Y%m%d", "%d.%m.%Y %H:%M", "%d.%m.%Y"),
    *("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y"),
    *("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y"),
    *("%b %d, %Y", "%b %d %Y", "%d %b %Y", "epoch_seconds", "epoch_millis"),
)
ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")
LOOKS = {
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "phone": re.compile(r"'?\+?[\d０-９][\d０-９ ().-]{7,16}"),
}
TIMES = {"created_at", "ordered_at", "cancelled_at", "refunded_at"}
DAYS = {"birth_date"}
AMOUNTS = ("gross_amount", "discount_amount", "shipping_amount", "tax_amount")
NUMBERS = {*AMOUNTS, "unit_price", "quantity", "refund_amount"}
SYMBOLS = re.compile(r"[₩￦원$€£¥]|KRW|USD|EUR")
SOMEBODY_ELSES = re.compile(
    r"수취|수령|받는|배송지|recipient|receiver|^shipping|^ship "
)
DAY_IN_NAME = re.compile(r"20\d\d[-_.]?\d\d[-_.]?\d\d")
OF_CUSTOMERS = (
    *("customer_id", "created_at", "email", "phone", "name", "birth_date", "gender"),
    *("country", "region", "city", "language", "signup_channel", "account_id"),
)
OF_ORDERS = (
    *("order_id", "customer_id", "ordered_at", "status", "currency", *AMOUNTS),
    *("coupon_code", "sales_channel", "cancelled_at"),
)
OF_LINES = ("order_id", "product_id", "quantity", "unit_price")
OF_PRODUCTS = {
    "product_id": "product_id",
    "product_name": "name",
    "category": "category",
}


@dataclass(frozen=True)
class Guess:
    """A column of theirs, where it stands, and why it is taken for one of ours."""

    theirs: str
    position: int
    reason: str


@dataclass
class Sample:
    """The first rows of a file, how they are read, and which column is which."""

    files: str
    options: dict[str, str]
    names: list[str]
    rows: list[list[str]]
    typed: set[int] = field(default_factory=set)
    found: dict[str, Guess] = field(default_factory=dict)

    def values(self, ours: str) -> list[str]:
        """What stands in a column, without what is empty or means nothing."""
        position = self.found[ours].position
        cells = (row[position].strip() for row in self.rows if position < len(row))
        return [cell for cell in cells if cell and cell.upper() not in NULL_WORDS]


def propose(directory: Path, work: Path, time_zone: str) -> str:
    """The text of a mapping for the files of a folder. WrongInput when none is known.

    `time_zone` is that of the shop, for times that have none.
    """
    samples: dict[str, Sample] = {}
    names: dict[str, list[str]] = {}
    for name, present in all_files(directory).items():
        if format_of(name, present.member) != "text":
            continue
        pattern = DAY_IN_NAME.sub("*", name)
        stored = None if present.member is None else present.member.stored
        target = work / f"proposed_{len(names)}"
        names.setdefault(pattern, []).append(name)
        if pattern in samples:
            continue
        path = unpack(present.path, name, stored, target, PASSWORD)
        sample = read_sample(path, name, pattern, work)
        guess_columns(sample)
        samples[pattern] = sample
    tables = tables_of(list(samples.values()))
    if not tables.keys() & {"orders", "customers"}:
        raise WrongInput(
            Problem(
                str(directory),
                "no file has a column that is known as an order or a customer",
                "Begin with the nearest of mappings/, or write a mapping.yml.",
            )
        )
    parts = [HEAD.format(time_zone=time_zone)]
    for table, sources in tables.items():
        parts.append(f"  {table}:\n")
        for source in sources:
            lines = source.rstrip("\n").split("\n")
            if len(sources) > 1:
                lines = [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]
            parts += [f"    {line}\n" for line in lines]
    text = "".join(parts)
    unknown = [n for p, ns in names.items() for n in ns if told(p) not in text]
    if unknown:
        text += f"ignore_files: {told(unknown)}  # no use is known for it\n"
    return text


HEAD = """\
# Proposed from what the files hold. Nothing is loaded yet: read each line, correct it,
# and save it as mapping.yml. What stands after # is why.
defaults:
  time_zone: {time_zone}  # of the shop (dbt_project.yml), for times that name none
tables:
"""


def told(value: object) -> str:
    """A value in YAML, as JSON writes it."""
    return json.dumps(value, ensure_ascii=False)


# Reading


def read_sample(path: Path, name: str, pattern: str, work: Path) -> Sample:
    """The first rows of a file, below what looks most like a header. WrongInput."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith((ZIP, OLD_OFFICE)):
        return sample_of_grids(workbook(path, name, PASSWORD), pattern)
    encoding, _ = encoding_of(head[:4096], "utf-8")
    if encoding == "utf-8":
        likely = (e for e in LIKELY_ENCODINGS if decodes(head, e, is_whole=False))
        encoding = next(likely, "utf-8")
    plain = as_utf8(path, encoding, work / f"{path.name}.utf8")
    with plain.open("rb") as file:
        text = file.read(SAMPLE_BYTES).removeprefix(UTF8_MARK)
    start = text.lstrip()[:1]
    options = {} if encoding.startswith("utf") else {"encoding": encoding}
    if start == b"<":
        return sample_of_grids(web_page(text, name), pattern)
    if start in (b"{", b"["):
        rows = json_rows(plain, name, [])
        names = [str(cell) for cell in next(rows)]
        cells = [
            [cell_text(cell, ".", None, False) for cell in row]
            for row in islice(rows, MOST_ROWS)
        ]
        return Sample(pattern, {}, names, cells)
    told_as = text.decode("utf-8", "ignore")
    lines = told_as.splitlines()[:MOST_TITLES] or [""]
    delimiter = max(
        DELIMITERS, key=lambda d: median_high(one.count(d) for one in lines)
    )
    if delimiter != ",":
        options["delimiter"] = delimiter
    csv.field_size_limit(sys.maxsize)
    records = csv.reader(StringIO(told_as), delimiter=delimiter)
    grid = list(islice(records, MOST_ROWS + MOST_TITLES))
    sample = sample_of_grids([Grid(None, grid)], pattern)
    sample.options = options
    return sample


def sample_of_grids(grids: Sequence[Grid], pattern: str) -> Sample:
    """The rows below the row of all sheets that holds most words that are known."""

    def score(row: Sequence[Cell]) -> tuple[int, int]:
        cells = [cell for cell in row if isinstance(cell, str) and cell.strip()]
        return sum(known_word(cell) is not None for cell in cells), len(cells)

    places = [
        (score(row), -index, number)
        for number, grid in enumerate(grids)
        for index, row in enumerate(grid.rows[:MOST_TITLES])
    ]
    if not places:
        return Sample(pattern, {}, [], [])
    _, index, number = max(places)
    rows = grids[number].rows[-index:]
    options = {}
    if len(grids) > 1:
        options["sheet"] = grids[number].name or str(number + 1)
    body = [row for row in rows[1 : MOST_ROWS + 1] if not is_blank(row)]
    typed = {
        position
        for row in body
        for position, cell in enumerate(row)
        if cell is not None and not isinstance(cell, (str, int, float))
    }
    names = [cell_text(cell, ".", None, False) for cell in rows[0]]
    return Sample(
        pattern,
        options,
        names,
        [[cell_text(cell, ".", None, False) for cell in row] for row in body],
        typed,
    )


# Guessing


def squeezed(name: str) -> str:
    """A name without what people write between and behind words."""
    bare = re.sub(r"\(.*?\)|\[.*?\]", "", folded(name))
    return re.sub(r"[\s_./:-]", "", normalize("NFC", bare))


@cache
def words() -> dict[str, str]:
    """Our column by each word for it, squeezed."""
    with WORDS.open(encoding="utf-8", newline="") as file:
        return {
            squeezed(word): row["ours"]
            for row in csv.DictReader(file)
            for word in row["words"].split("|")
        }


def known_word(name: str) -> str | None:
    """Which of our columns a name says."""
    ours = words().get(squeezed(name))
    return None if ours is None or ours.startswith("status:") else ours


def guess_columns(sample: Sample) -> None:
    """Note which column is which: by its whole name, by what it holds, by a part."""
    for position, name in enumerate(sample.names):
        ours = known_word(name)
        if ours is not None and ours not in sample.found:
            sample.found[ours] = Guess(name, position, "its name")
    taken = {guess.position for guess in sample.found.values()}
    for ours, look in LOOKS.items():
        for position, name in enumerate(sample.names):
            cells = [
                row[position].strip() for row in sample.rows if position < len(row)
            ]
            filled = [cell for cell in cells if cell]
            alike = sum(look.fullmatch(cell) is not None for cell in filled)
            if (
                ours not in sample.found
                and position not in taken
                and name.strip()
                and len(filled) > 1
                and alike >= 0.8 * len(filled)
                and not (ours == "phone" and not any("-" in c for c in filled))
            ):
                reason = f"{alike} of {len(filled)} values look so"
                sample.found[ours] = Guess(name, position, reason)
                taken.add(position)
    for position, name in enumerate(sample.names):
        end = ending(name)
        ours = known_word(end) if end and position not in taken else None
        if ours is not None and ours != "name" and ours not in sample.found:
            sample.found[ours] = Guess(name, position, f"its name ends in {end}")
    found = sample.found
    for position, name in enumerate(sample.names):
        held = {row[position].strip() for row in sample.rows if position < len(row)}
        numbered = [cell for cell in held if re.fullmatch(r"#\d+", cell)]
        if numbered and len(numbered) == len(held - {""}) and name:
            found["order_id"] = Guess(name, position, "values such as #1001")
    if "order_id" in found and "created_at" in found:
        # an order that is not paid has no time of payment
        paid = len(sample.values("ordered_at")) if "ordered_at" in found else 0
        if len(sample.values("created_at")) > paid:
            found["ordered_at"] = found.pop("created_at")


def ending(name: str) -> str | None:
    """The last words of a name that are known; of somebody else's, nothing.

    The phone of who receives a parcel is not that of the customer.
    """
    if SOMEBODY_ELSES.search(folded(name)):
        return None
    parts = [part for part in re.split(r"[\s_./-]+", folded(name)) if part]
    ends = [" ".join(parts[index:]) for index in range(1, len(parts))]
    whole = squeezed(name)
    ends += [whole[index:] for index in range(1, len(whole) - 2) if whole[index] > "가"]
    return next((end for end in ends if known_word(end) is not None), None)


def is_of_orders(sample: Sample) -> bool:
    """Whether a file tells who ordered what when."""
    return {"order_id", "ordered_at"} <= sample.found.keys() and bool(
        {"customer_id", "email"} & sample.found.keys()
    )


def is_of_people(sample: Sample) -> bool:
    """Whether a file tells of customers, a row for each."""
    own = {"customer_id", "email"} & sample.found.keys()
    of_people = {"email", "phone", "name", "created_at", "birth_date"}
    return (
        bool(own)
        and "order_id" not in sample.found
        and bool(of_people & sample.found.keys() - own or len(own) > 1)
    )


def format_guess(sample: Sample, ours: str) -> tuple[str | None, str]:
    """How times or days of a column are written, None = ISO 8601; and the reason."""
    if sample.found[ours].position in sample.typed:
        return None, ""
    values = sample.values(ours)
    if not values or all(ISO.fullmatch(value) for value in values):
        return None, ""
    fitting = [f for f in FORMATS if all(fits(value, f) for value in values)]
    if not fitting or (ours in DAYS and fitting[0] == "%Y-%m-%d"):
        return None, "" if fitting else f"how is {shape(values[0])} written?"
    also = [f for f in fitting[1:] if len(f) == len(fitting[0]) and f[:2] == "%m"]
    reason = f"{len(values)} values fit"
    return fitting[0], f"{reason}; {also[0]} fits as well" if also else reason


def shape(value: str) -> str:
    """A value without what it says."""
    return re.sub(r"\d", "9", re.sub(r"[^\W\d]", "a", value))


def fits(value: str, written: str) -> bool:
    """Whether a value is written so."""
    if written.startswith("epoch"):
        digits = 10 if written == "epoch_seconds" else 13
        return re.fullmatch(rf"1\d{{{digits - 1}}}", value) is not None
    pattern, parts = pattern_of(written)
    found = re.fullmatch(pattern, value)
    return found is not None and ("%b" not in parts or value[:3].lower() in MONTHS)


def numbers_guess(sample: Sample) -> str | None:
    """How amounts are written, where digits and a point do not tell."""
    values = [
        value
        for ours in NUMBERS & sample.found.keys()
        if sample.found[ours].position not in sample.typed
        for value in sample.values(ours)
    ]
    symbols = sorted({s for value in values for s in SYMBOLS.findall(value)})
    bare = [SYMBOLS.sub("", value).strip() for value in values]
    shapes = (
        (r"[+-]?\d+(\.\d+)?", '{thousands: ","}'),
        (r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?", '{thousands: ","}'),
        (r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?", '{thousands: ".", decimal: ","}'),
        (r"[+-]?(\d{1,3}( \d{3})+|\d+)(,\d+)?", '{thousands: " ", decimal: ","}'),
    )
    for index, (pattern, told_as) in enumerate(shapes):
        if all(re.fullmatch(pattern, value) for value in bare):
            if not symbols:
                return None if index == 0 else told_as
            return f"{told_as[:-1]}, symbols: {told(symbols)}}}"
    return None


# Writing


def tables_of(samples: Sequence[Sample]) -> dict[str, list[str]]:
    """Our tables, and the text of their sources."""
    orders = [one for one in samples if is_of_orders(one)]
    people = [one for one in samples if is_of_people(one)]
    others = [one for one in samples if one not in orders and one not in people]
    if any("customer_id" not in one.found for one in orders):
        # what makes the id of a customer has to be the same on both sides
        for one in [*orders, *people]:
            if "email" in one.found:
                one.found.pop("customer_id", None)
    found: dict[str, list[str]] = {}

    def add(table: str, text: str | None) -> None:
        if text is not None:
            found.setdefault(table, []).append(text)

    for sample in people:
        add("customers", customers_text(sample))
        for channel in ("email", "sms"):
            add("consents", consents_text(sample, channel))
    for sample in orders:
        if not people:
            add("customers", buyers_text(sample))
    for sample in orders:
        add("orders", orders_text(sample))
        add("order_items", lines_text(sample))
        add("refunds", refunds_text(sample))
    for sample in others:
        if "order_id" in sample.found:
            add("order_items", lines_text(sample))
    catalogues = [one for one in others if "order_id" not in one.found]
    for sample in catalogues or [*orders, *others]:
        add("products", products_text(sample))
    return found


def source_text(sample: Sample, columns: Mapping[str, str], more: Sequence[str]) -> str:
    """A source: where its rows are, its columns with their reasons, and more keys.

    `columns` are the names that guesses are known by, and ours.
    """
    lines = [f"files: {told(sample.files)}"]
    lines += [f"{key}: {told(value)}" for key, value in sample.options.items()]
    lines.append("columns:")
    by_theirs: dict[str, list[tuple[str, str]]] = {}
    for known, ours in columns.items():
        if known in sample.found:
            guess = sample.found[known]
            by_theirs.setdefault(guess.theirs, []).append((ours, guess.reason))
    for theirs, pairs in by_theirs.items():
        ours = pairs[0][0] if len(pairs) == 1 else told([one for one, _ in pairs])
        lines.append(f"  {told(theirs)}: {ours}  # {pairs[0][1]}")
    numbers = numbers_guess(sample) if NUMBERS & columns.keys() else None
    if numbers is not None:
        lines.append(f"numbers: {numbers}  # as the amounts are written")
    for key, which in (("time_format", TIMES), ("date_format", DAYS)):
        formats = []
        for known, ours in columns.items():
            if known in which and known in sample.found:
                written, reason = format_guess(sample, known)
                if written is not None:
                    formats.append(f"  {ours}: {told(written)}  # {reason}")
                elif reason:
                    formats.append(f"  # {ours}: {reason}")
        if any(not one.startswith("  #") for one in formats):
            lines += [f"{key}:", *formats]
        else:
            lines += formats
    nulls = sorted(
        {
            cell.strip()
            for row in sample.rows
            for cell in row
            if cell.strip().upper() in NULL_WORDS
        }
    )
    if nulls:
        lines.append(f"nulls: {told(nulls)}  # words that seem to mean nothing")
    return "\n".join([*lines, *more])


def whose(sample: Sample) -> tuple[dict[str, str], list[str]]:
    """Who a row is about: an id of theirs, or one that their e-mail makes."""
    if "customer_id" in sample.found:
        return {"customer_id": "customer_id"}, []
    if "email" in sample.found:
        email = told(sample.found["email"].theirs)
        return {}, [f"made_ids: {{customer_id: [{email}]}}  # no id of a customer"]
    return {}, []


def columns_of(sample: Sample, wanted: Sequence[str]) -> dict[str, str]:
    """The columns of a table that are found, under their own names."""
    return {ours: ours for ours in wanted if ours in sample.found}


def customers_text(sample: Sample) -> str:
    """Customers, a row for each."""
    own, more = whose(sample)
    columns = {**own, **columns_of(sample, OF_CUSTOMERS)}
    if "created_at" not in sample.found:
        more.append(
            'constants: {created_at: "2020-01-01T00:00:00Z"}'
            "  # not in the file: the day on which your shop opened"
        )
    return source_text(sample, columns, more)


def buyers_text(sample: Sample) -> str | None:
    """Customers, known by their orders alone."""
    own, more = whose(sample)
    if not (own or more):
        return None
    wanted = [c for c in OF_CUSTOMERS if c not in ("customer_id", "created_at")]
    columns = {**own, "ordered_at": "created_at", **columns_of(sample, wanted)}
    more += [
        "rows_per: customer_id  # a row for each order",
        "merge: {created_at: min}  # known since their first order in these files",
    ]
    return source_text(sample, columns, more)


def consents_text(sample: Sample, channel: str) -> str | None:
    """How consent stands on the day that the name of the file says, if it says one."""
    known = f"{channel}_consent"
    if known not in sample.found or "*" not in sample.files:
        return None
    own, more = whose(sample)
    yes = {"y", "yes", "true", "t", "1", "o", "동의", "수신", "수신동의", "on"}
    values = {
        value: "granted" if value.lower() in yes else "withdrawn"
        for value in sorted(set(sample.values(known)))[:10]
    }
    name = sample.files.rpartition("/")[2].replace("*", "%Y%m%d", 1)
    more += [
        f"constants: {{channel: {channel}, purpose: ad}}",
        f"values: {{status: {told(values)}}}  # which words consent?",
        f"file_dates: {{changed_at: {told(name)}}}  # as of the file's day",
    ]
    return source_text(sample, {**own, known: "status"}, more)


def is_per_line(sample: Sample) -> bool:
    """Whether an order has several rows, or what is bought stands in them."""
    orders = Counter(sample.values("order_id"))
    return any(count > 1 for count in orders.values())


def orders_text(sample: Sample) -> str:
    """Orders; of a file with a row per line, its lines merged."""
    own, more = whose(sample)
    columns = {**own, **columns_of(sample, OF_ORDERS)}
    factors = [one for one in ("quantity", "unit_price") if one in sample.found]
    is_made = "gross_amount" not in columns and len(factors) == 2
    if is_made:
        pair = [sample.found[one].theirs for one in factors]
        more.append(f"products: {{gross_amount: {told(pair)}}}  # quantity x price")
    if is_per_line(sample):
        more.append("rows_per: order_id  # several rows share it")
        if is_made or (
            "gross_amount" in columns and not is_same_within(sample, "gross_amount")
        ):
            more.append(
                "merge: {gross_amount: sum, ordered_at: min}"
                "  # differs from line to line"
            )
        else:
            more.append(
                "merge: {ordered_at: min}  # the amount is the same on each line"
            )
    if "status" not in sample.found:
        more.append('constants: {"status": "paid"}  # not in the file')
    more += values_lines(sample)
    return source_text(sample, columns, more)


def is_same_within(sample: Sample, ours: str) -> bool:
    """Whether a column is the same in all rows of each order that has several."""
    order, position = sample.found["order_id"].position, sample.found[ours].position
    width = max(order, position)
    values: dict[str, list[str]] = {}
    for row in sample.rows:
        if len(row) > width and row[order].strip():
            values.setdefault(row[order], []).append(row[position].strip())
    several = [alike for alike in values.values() if len(alike) > 1]
    return all(len(set(alike) - {""}) < 2 for alike in several)


def values_lines(sample: Sample) -> list[str]:
    """What their words for the state of an order, and for nobody, mean to us."""
    known, unknown, lines = {}, [], ["values:"]
    values = sorted(set(sample.values("status"))) if "status" in sample.found else []
    if len(values) > MOST_WORDS or any(re.search(r"[\d@]", value) for value in values):
        return ["# what is its status? This column holds more than words for one"]
    for value in values:
        ours = words().get(squeezed(value), "")
        if ours.startswith("status:"):
            known[value] = ours.removeprefix("status:")
        else:
            unknown.append(value)
    if known:
        lines.append(f"  status: {told(known)}  # is it so?")
    if "customer_id" in sample.found and "0" in sample.values("customer_id"):
        lines.append('  customer_id: {"0": ""}  # 0 seems to be a guest')
    if lines == ["values:"]:
        lines = []
    if values and is_per_line(sample) and not is_same_within(sample, "status"):
        theirs = told(sample.found["status"].theirs)
        counted = [value for value in values if known.get(value) != "cancelled"]
        lines.append(
            f"only: {{{theirs}: {told(counted)}}}"
            "  # what of an order was cancelled is no part of it"
        )
    if unknown:
        lines.append(
            f"# which of pending, paid, shipped, delivered, returned, cancelled are"
            f" {told(unknown)}? Add them to values"
        )
    return lines


def lines_text(sample: Sample) -> str | None:
    """The lines of orders."""
    if not {"product_id", "unit_price"} <= sample.found.keys():
        return None
    order = told(sample.found["order_id"].theirs)
    more = [f"line_numbers: {{line: [{order}]}}"]
    if "quantity" not in sample.found:
        more.append('constants: {quantity: "1"}  # not in the file')
    return source_text(sample, columns_of(sample, OF_LINES), more)


def products_text(sample: Sample) -> str | None:
    """Products, as orders name them."""
    if not {"product_id", "product_name"} <= sample.found.keys():
        return None
    columns = {
        known: ours for known, ours in OF_PRODUCTS.items() if known in sample.found
    }
    return source_text(sample, columns, ["rows_per: product_id"])


def refunds_text(sample: Sample) -> str | None:
    """Money given back, where a file says when and how much."""
    if not {"refund_amount", "refunded_at"} <= sample.found.keys():
        return None
    when, order = (sample.found[one].theirs for one in ("refunded_at", "order_id"))
    parts = {"refunded_at": "refunded_at", "refund_amount": "amount"}
    return source_text(
        sample,
        {"order_id": "order_id", **parts},
        [
            f"only: {{{told(when)}: known}}",
            f"made_ids: {{refund_id: {told([order, when])}}}",
        ],
    )
