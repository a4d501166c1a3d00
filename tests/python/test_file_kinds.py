"""Files as shops send them: the same three orders in many forms give the same rows."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from textwrap import dedent

import openpyxl
import pytest
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile

from customer_segments.loading import plain_text, unpacking
from customer_segments.loading.contract import read_contract
from customer_segments.loading.loader import LoadOptions, LoadReport, load
from customer_segments.loading.mapping import read_mapping
from customer_segments.loading.problems import LoadFailed, WrongInput
from tests.python.loads import landed
from tests.python.warehouse import ROOT

TABLES = read_contract(ROOT / "models" / "staging" / "sources.yml")
HEADER = ("주문번호", "회원아이디", "주문일시", "주문상태", "결제금액")
ROWS = (
    ("20260601-0001", "haru1", "2026-06-01 10:00:00", "배송완료", "12,000"),
    ("20260602-0002", "dal22", "2026-06-02 11:00:00", "배송완료", "35,500"),
    ("20260603-0003", "byul3", "2026-06-03 12:30:00", "취소", "9,900"),
)
LANDED = [
    ("20260601-0001", "haru1", "2026-06-01 01:00:00", "delivered", 12000),
    ("20260602-0002", "dal22", "2026-06-02 02:00:00", "delivered", 35500),
    ("20260603-0003", "byul3", "2026-06-03 03:30:00", "cancelled", 9900),
]
MAPPING = """
defaults:
  time_zone: Asia/Seoul
  time_format: "%Y-%m-%d %H:%M:%S"
  numbers: {{thousands: ","}}
tables:
  orders:
    files: "{files}"
    columns:
      주문번호: order_id
      회원아이디: customer_id
      주문일시: ordered_at
      주문상태: status
      결제금액: gross_amount
    values: {{status: {{배송완료: delivered, 취소: cancelled}}}}
    {more}
"""
SHOWN = "order_id, customer_id, ordered_at::varchar, status, gross_amount::int"


def mapping(files: str = "orders*", more: str = "") -> str:
    """How the three orders are read."""
    return MAPPING.format(files=files, more=more)


def text(*before: str, after: tuple[str, ...] = (), end: str = "") -> str:
    """The orders as CSV, with lines above the header and below the rows."""
    lines = [",".join(HEADER)]
    lines += [
        f'{no},{who},{at},{state},"{sum}"{end}' for no, who, at, state, sum in ROWS
    ]
    return "\n".join([*before, *lines, *after]) + "\n"


PLAIN = text()
Cells = list[list[object]]


def cells() -> Cells:
    """The orders as a spreadsheet holds them: times and amounts by their cell type."""
    return [
        [no, who, datetime.fromisoformat(at), state, int(sum.replace(",", ""))]
        for no, who, at, state, sum in ROWS
    ]


def xlsx(sheets: dict[str, Cells]) -> bytes:
    """A workbook."""
    book = openpyxl.Workbook()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    return saved(book.save)


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    """What a writer writes."""
    target = io.BytesIO()
    save(target)
    return target.getvalue()


def xls(rows: Cells) -> bytes:
    """An old workbook."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("주문")
    style = xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm:ss")
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write(y, x, cell, style)
            elif cell is not None:
                sheet.write(y, x, cell)
    return saved(book.save)


def secret(workbook: bytes, password: str) -> bytes:
    """A workbook that needs a password."""
    return saved(lambda to: OOXMLFile(io.BytesIO(workbook)).encrypt(password, to))


def html(*above: str) -> str:
    """A page with the orders in its last table."""
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>"
        for row in (HEADER, *ROWS)
    )
    return (
        '<html><head><meta http-equiv="Content-Type" content="text/html;'
        f' charset=euc-kr"></head><body>{"".join(above)}<table>{rows}</table></body>'
    )


def objects() -> list[dict[str, object]]:
    """The orders as JSON, the buyer nested."""
    return [
        {
            "주문번호": no,
            "buyer": {"id": who, "tags": ["x"]},
            "주문일시": at,
            "주문상태": state,
            "결제금액": sum,
        }
        for no, who, at, state, sum in ROWS
    ]


def zipped(**members: str | bytes) -> bytes:
    """A zip; `__` in a name stands for its point."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "."), content)
    return target.getvalue()


@dataclass(frozen=True)
class Kind:
    """A file that holds the three orders, what is said of it, and rows set aside."""

    id: str
    file: str
    content: str | bytes
    more: str = ""
    says: str = ""
    set_aside: int = 0
    unwrapped: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    nested: bool = False


BOOK = xlsx({"주문": [list(HEADER), *cells()]})
BLANK: list[object] = [None] * 5
TITLE: Cells = [["주문내역 조회 결과"], [None], ["조회기간: 2026-06-01 ~ 2026-06-30"]]
HEAD: list[object] = list(HEADER)
TOTAL: list[object] = ["합계 (3건)", None, None, None, 57400]
FLAT = text(after=('합계,,,,"57,400"',))
KINDS = [
    Kind("xlsx", "orders.xlsx", BOOK, says="sheet 주문"),
    Kind(
        "xlsx_with_titles_blanks_and_totals",
        "orders.xlsx",
        xlsx(
            {
                "안내": [["이 파일은"]],
                "주문": [*TITLE, HEAD, *cells()[:2], BLANK, cells()[2], TOTAL, BLANK],
            }
        ),
        says="header in row 4",
        set_aside=1,
    ),
    Kind(
        "sheet_and_header_that_are_told",
        "orders.xlsx",
        xlsx({"5월": [HEAD, *cells()], "6월": [HEAD, HEAD, *cells()]}),
        'sheet: "2"\n    header_row: "2"',
        says="sheet 6월, header in row 2",
    ),
    Kind(
        "header_that_is_told_by_a_column",
        "orders.csv",
        text(",".join(HEADER).replace("주문번호", "주문 번호"), "-,-,-,-,-"),
        "header_row: 주문번호",
        says="header in line 3",
    ),
    Kind("xls", "orders.xls", xls([*TITLE, HEAD, *cells()]), says="header in row 4"),
    Kind(
        "workbook_named_csv",
        "orders.csv",
        xlsx({"주문": [HEAD, *cells()]}),
        says="excel",
    ),
    Kind(
        "workbook_with_a_password",
        "orders.xlsx",
        secret(BOOK, "열려라"),
        environment={"FILE_PASSWORD": "열려라"},
    ),
    Kind(
        "password_of_another_name",
        "orders.xlsx",
        secret(BOOK, "b"),
        "password_env: SHOP_PASSWORD",
        environment={"SHOP_PASSWORD": "b", "FILE_PASSWORD": "a"},
    ),
    Kind("html_named_xls", "orders.xls", html().encode("cp949"), says="html, table 1"),
    Kind(
        "html_named_csv",
        "orders.csv",
        html("<table><tr><td>메뉴</td></tr></table>").encode("cp949"),
        says="html, table 2",
    ),
    Kind(
        "json_lines",
        "orders.jsonl",
        "\n".join(json.dumps(one) for one in objects()),
        says="json",
        nested=True,
    ),
    Kind("json_array", "orders.json", json.dumps(objects()), says="json", nested=True),
    Kind(
        "json_below_a_key",
        "orders.json",
        json.dumps({"count": 3, "data": objects()}, ensure_ascii=False),
        says="json",
        nested=True,
    ),
    Kind("gzip", "orders.csv.gz", gzip.compress(PLAIN.encode())),
    Kind("bzip2", "orders.csv.bz2", bz2.compress(PLAIN.encode())),
    Kind("xz", "orders.csv.xz", lzma.compress(PLAIN.encode())),
    Kind("zip", "orders.zip", zipped(주문__csv=PLAIN, __MACOSX="x")),
    Kind("zip_named_csv", "orders.csv", zipped(주문__csv=PLAIN)),
    Kind(
        "zip_of_two",
        "orders.zip",
        zipped(
            a__csv="\n".join(PLAIN.splitlines()[:2]) + "\n",
            b__csv="\n".join([PLAIN.splitlines()[0], *PLAIN.splitlines()[2:]]) + "\n",
        ),
    ),
    Kind(
        "zip_of_a_workbook",
        "orders.zip",
        zipped(a__xlsx=BOOK),
    ),
    Kind("utf_16", "orders.txt", PLAIN.encode("utf-16"), says="UTF-16"),
    Kind("utf_16_unmarked", "orders.txt", PLAIN.encode("utf-16-be"), says="UTF-16-BE"),
    Kind("utf_8_marked", "orders.csv", PLAIN.encode("utf-8-sig"), "encoding: cp949"),
    Kind("euc_kr", "orders.csv", PLAIN.encode("euc-kr"), "encoding: euc-kr"),
    Kind("johab", "orders.csv", PLAIN.encode("johab"), "encoding: johab"),
    Kind("sep_line", "orders.csv", text("sep=,"), says="a line sep="),
    Kind(
        "sep_line_of_semicolons",
        "orders.csv",
        "sep=;\n"
        + PLAIN.replace('"', "")
        .replace(",", ";")
        .replace(";000", ",000")
        .replace(";500", ",500")
        .replace(";900", ",900"),
        says="a line sep=",
    ),
    Kind(
        "title_rows",
        "orders.csv",
        text("주문내역 조회 결과,,,,", "", "조회기간: 2026-06-01 ~ 2026-06-30,,,,"),
        says="header in line 4",
    ),
    Kind("totals", "orders.csv", FLAT, set_aside=1),
    Kind("blank_rows", "orders.csv", text(after=(",,,,", " , ,,,")), set_aside=2),
    Kind("trailing_delimiters", "orders.csv", text(end=",,")),
    Kind(
        "wrapped",
        "orders.csv",
        PLAIN.replace(
            "haru1,2026-06-01 10:00:00", '"=""haru1""",\'2026-06-01 10:00:00'
        ),
        unwrapped=2,
    ),
    Kind(
        "nulls",
        "orders.csv",
        text(after=("\\N,NULL,n/a,\\N,\\N",)),
        "nulls: [NULL, '\\N', \"n/a\"]",
        set_aside=1,
    ),
    Kind("full_width", "orders.csv", PLAIN.replace('"12,000"', '"１２，０００"')),
]


def load_kind(folder: Path, told: str, files: dict[str, str | bytes]) -> LoadReport:
    """What a load says and lands, below the folder."""
    source = folder / "in"
    source.mkdir()
    (source / "mapping.yml").write_text(dedent(told), encoding="utf-8")
    for name, content in files.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (source / name).write_bytes(raw)
    shop, _ = read_mapping(source / "mapping.yml", TABLES)
    options = LoadOptions(datetime(2026, 7, 1), mapping=shop)
    return load(source, folder / "landing", TABLES, options)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_three_orders_are_three_orders(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in kind.environment.items():
        monkeypatch.setenv(name, value)
    told = mapping(more=kind.more)
    if kind.nested:
        told = told.replace("회원아이디:", "buyer.id:")
    report = load_kind(tmp_path, told, {kind.file: kind.content})
    assert landed(tmp_path / "landing", "orders", SHOWN) == LANDED
    assert sum(one.rows_set_aside for one in report.staged) == kind.set_aside
    assert sum(one.cells_unwrapped for one in report.staged) == kind.unwrapped
    for one in report.inspected:
        assert one.text is not None
        assert kind.says in ", ".join([one.text.format, *one.text.notes])


def test_cells_keep_what_they_are(tmp_path: Path) -> None:
    """Ids never become floats; what a workbook cannot hold is quarantined."""
    rows: Cells = [
        [20260601001, "b1", datetime(2026, 6, 1), "배송완료", 0.1 + 0.2],
        [2026060100000123, True, datetime(2026, 6, 1, 9, 30, 0), "취소", 12.5],
        [1e16, "b3", "2026-06-01 10:00:00", "배송완료", "1,234.5"],
        [1.5, "b4", datetime(2026, 6, 1), "배송완료", 1],
    ]
    load_kind(tmp_path, mapping(), {"orders.xlsx": xlsx({"주문": [HEAD, *rows]})})
    assert landed(
        tmp_path / "landing", "orders", SHOWN.replace("::int", "::varchar")
    ) == [
        ("2026060100000123", "true", "2026-06-01 00:30:00", "cancelled", "12.5000"),
        ("20260601001", "b1", "2026-05-31 15:00:00", "delivered", "0.3000"),
    ]
    assert landed(
        tmp_path / "landing", "load_rejects", "column_name, reason, source_row"
    ) == [
        ("order_id", "float_id", 3),
        ("order_id", "float_id", 4),
    ]


def test_cells_are_read_as_their_column_says(tmp_path: Path) -> None:
    """A German sheet: numbers as numbers, texts with a comma, days in two ways."""
    told = """
        defaults:
          time_zone: Europe/Berlin
          numbers: {thousands: ".", decimal: ","}
        tables:
          orders:
            files: a.xlsx
            time_format: "%d.%m.%y"
            year_pivot: 50
            columns:
              {a: order_id, b: ordered_at, c: gross_amount, d: status, e: customer_id}
    """
    rows: Cells = [
        ["a", "b", "c", "d", "e"],
        ["1", datetime(2026, 6, 1), 1234.5, "paid", "k"],
        ["2", "01.06.26", "1.234,5", "paid", "k"],
    ]
    load_kind(tmp_path, told, {"a.xlsx": xlsx({"x": rows})})
    columns = "ordered_at::varchar, gross_amount::varchar"
    assert landed(tmp_path / "landing", "orders", columns) == [
        ("2026-05-31 22:00:00", "1234.5000"),
        ("2026-05-31 22:00:00", "1234.5000"),
    ]


def test_nested_objects_stay_json(tmp_path: Path) -> None:
    told = """
        tables:
          events:
            files: e.jsonl
            columns:
              id: event_id
              user.id: customer_id
              name: event_name
              at: occurred_at
              item: properties
              user.tags.n: device
    """
    one = {"id": 12345678901234567, "user": {"id": "k", "tags": [{"n": 1}, {"n": 1}]}}
    more = {"name": "like", "at": "2026-06-01T00:00:00Z", "item": {"가": [1.10, None]}}
    load_kind(tmp_path, told, {"e.jsonl": json.dumps({**one, **more})})
    assert landed(
        tmp_path / "landing", "events", "event_id, customer_id, device, properties"
    ) == [("12345678901234567", "k", "1", '{"가": [1.1, null]}')]


@dataclass(frozen=True)
class Refused:
    """A file that stops a load, and what is said of it."""

    id: str
    file: str
    content: str | bytes
    says: tuple[str, ...]
    more: str = ""


TWICE = {"1월": [HEAD, *cells()], "2월": [HEAD, *cells()]}
REFUSED = [
    Refused(
        "two_sheets",
        "orders.xlsx",
        xlsx(TWICE),
        ("sheet 1월 and sheet 2월 both name the mapped columns", "Say sheet"),
    ),
    Refused(
        "no_such_sheet",
        "orders.xlsx",
        BOOK,
        ("has no sheet 5월, but sheet 주문", "Correct sheet"),
        "sheet: 5월",
    ),
    Refused(
        "no_such_row",
        "orders.csv",
        PLAIN,
        ("has no row 9", "Correct header_row"),
        'header_row: "9"',
    ),
    Refused(
        "two_headers_below_a_title",
        "orders.csv",
        text("제목", ",".join(HEADER)),
        ("rows 2 and 3 both name the mapped columns", "Say header_row"),
    ),
    Refused(
        "no_password",
        "orders.xlsx",
        secret(BOOK, "a"),
        ("needs a password", "environment variable FILE_PASSWORD"),
    ),
    Refused(
        "wrong_password",
        "orders.xlsx",
        secret(BOOK, "a"),
        ("does not open with the password in PATH", "Correct it"),
        "password_env: PATH",
    ),
    Refused(
        "json_of_no_list",
        "orders.json",
        '{"orders": 3}',
        ("is JSON, but not one list of objects",),
    ),
    Refused(
        "json_cut_off",
        "orders.jsonl",
        json.dumps(objects()[0]) + '\n{"주문번',
        ("line 2: is no JSON object", "Export it again"),
    ),
    Refused(
        "column_missing_below_a_title",
        "orders.csv",
        text("제목").replace("주문상태", "상태"),
        ("column 주문상태 is missing", "Is it 상태?"),
    ),
]


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused.id)
def test_what_nobody_should_guess_stops(refused: Refused, tmp_path: Path) -> None:
    told = mapping(more=refused.more)
    if refused.id == "json_cut_off":
        told = told.replace("회원아이디:", "buyer.id:")
    with pytest.raises(WrongInput) as caught:
        load_kind(tmp_path, told, {refused.file: refused.content})
    for part in refused.says:
        assert part in str(caught.value)
    assert not (tmp_path / "landing" / "orders").exists()


def test_nothing_unpacks_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES", 10**6)
    bomb = gzip.compress(PLAIN.encode() + b"\n" * 10**7)
    with pytest.raises(WrongInput, match="unpacks to more than"):
        load_kind(tmp_path, mapping(), {"orders.csv.gz": bomb})


def test_a_workbook_is_counted_by_another_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_text, "count_rows", lambda *_: 4)
    with pytest.raises(LoadFailed, match="4 rows were counted and 3 read"):
        load_kind(tmp_path, mapping(), {"orders.xlsx": BOOK})
