"""A mapping proposed for files of which nothing says what they are."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from customer_segments.loading.contract import read_contract
from customer_segments.loading.loader import LoadOptions, load
from customer_segments.loading.mapping import read_mapping
from customer_segments.loading.problems import WrongInput
from customer_segments.loading.proposing import propose
from tests.python.loads import Run, landed
from tests.python.warehouse import ROOT

TABLES = read_contract(ROOT / "models" / "staging" / "sources.yml")
CASES = ROOT.parent / "shared" / "data" / "cases"


def workbook(path: Path, *rows: list[object]) -> None:
    """Write a workbook of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    book.save(path)


def proposed(folder: Path, tmp_path: Path) -> tuple[str, Path]:
    """The text that is proposed for a folder, and where a load with it lands."""
    work = tmp_path / "work"
    work.mkdir()
    text = propose(folder, work, "Asia/Seoul")
    (folder / "mapping.yml").write_text(text, encoding="utf-8")
    mapping, _ = read_mapping(folder / "mapping.yml", TABLES)
    options = LoadOptions(datetime(2026, 7, 1), mapping=mapping, accepts_rejects=True)
    load(folder, tmp_path / "landing", TABLES, options)
    return text, tmp_path / "landing"


def test_two_workbooks_become_four_tables(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    workbook(
        folder / "회원목록_20260630.xlsx",
        ["회원 목록"],
        [],
        ["회원번호", "이름", "휴대폰번호", "이메일", "가입일", "등급"],
        ["M1", "김하나", "010-0000-0001", "a@post.example", datetime(2025, 1, 1), "A"],
        ["M2", "이두리", "010-0000-0002", "b@post.example", datetime(2025, 1, 2), "B"],
    )
    workbook(
        folder / "주문상세_20260630.xlsx",
        [
            *("주문번호", "회원번호", "수취인연락처", "주문일시", "주문상태"),
            *("상품코드", "상품명", "수량", "판매가"),
        ],
        [
            "1",
            "M1",
            "010-9999-9999",
            datetime(2026, 6, 1, 9),
            "배송완료",
            "A",
            "컵",
            2,
            500,
        ],
        [
            "1",
            "M1",
            "010-9999-9999",
            datetime(2026, 6, 1, 9),
            "취소",
            "B",
            "접시",
            1,
            300,
        ],
        [
            "2",
            "M2",
            "010-9999-9999",
            datetime(2026, 6, 2, 9),
            "배송중",
            "A",
            "컵",
            1,
            500,
        ],
        ["합계", None, None, None, None, None, None, 4, None],
    )
    text, landing = proposed(folder, tmp_path)
    assert landed(landing, "customers", "customer_id, phone, created_at::varchar") == [
        ("M1", "010-0000-0001", "2024-12-31 15:00:00"),
        ("M2", "010-0000-0002", "2025-01-01 15:00:00"),
    ]
    assert landed(
        landing, "orders", "order_id, customer_id, status, gross_amount::int"
    ) == [
        ("1", "M1", "delivered", 1000),
        ("2", "M2", "shipped", 500),
    ]
    assert len(landed(landing, "order_items", "order_id")) == 3
    assert landed(landing, "products", "product_id, name") == [
        ("A", "컵"),
        ("B", "접시"),
    ]
    assert "9999" not in text and "하나" not in text


@pytest.mark.parametrize("shop", ["cafe24", "woocommerce"])
def test_a_ready_export_without_its_mapping_gives_its_orders(
    shop: str, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    shutil.copytree(ROOT / "mappings" / shop, folder)
    ready, _ = read_mapping(folder / "mapping.yml", TABLES)
    options = LoadOptions(datetime(2026, 7, 1), mapping=ready)
    load(folder, tmp_path / "ready", TABLES, options)
    (folder / "mapping.yml").unlink()
    _, landing = proposed(folder, tmp_path)
    columns = "order_id, customer_id, ordered_at::varchar"
    known = landed(tmp_path / "ready", "orders", columns)
    assert set(landed(landing, "orders", columns)) == set(known)


@pytest.mark.skipif(not CASES.exists(), reason="../shared/data/cases is not there")
def test_a_marketplace_list_becomes_three_orders(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    shutil.copytree(CASES / "05-smartstore-lines" / "a_as_exported", folder)
    (folder / "mapping.yml").unlink()
    _, landing = proposed(folder, tmp_path)
    worth = [
        amount for _, amount in landed(landing, "orders", "order_id, gross_amount::int")
    ]
    assert (len(worth), sum(worth)) == (3, 166_000)


def test_a_check_writes_the_proposal_and_loads_nothing(run: Run) -> None:
    outcome = run(
        None,
        {
            "customers.csv": "Customer ID,Email,Signup date\n"
            "c1,a@post.example,2026-01-01\n",
            "sales.csv": "Order No;Customer;Order date;Amount\n"
            "1;c1;01.06.2026;1.234,50\n",
        },
        "--check",
    )
    assert outcome.code == 0, outcome.err
    assert not outcome.landing.exists()
    text = (outcome.landing.parent / "in" / "mapping.proposed.yml").read_text("utf-8")
    assert text in outcome.out.replace("\n\n", "\n")
    assert '"Order date": ordered_at  # its name' in text
    assert 'ordered_at: "%d.%m.%Y"' in text
    assert 'numbers: {thousands: ".", decimal: ","}' in text


def test_files_of_which_nothing_is_known_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    with pytest.raises(WrongInput, match="no file has a column that is known"):
        propose(folder, tmp_path, "UTC")
