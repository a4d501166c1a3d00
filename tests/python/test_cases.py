"""Small inputs that went wrong for other people, and what is right of each.

They lie beside the repository; `test_file_kinds` has forms of files that anybody has.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from customer_segments.loading import load_raw
from tests.python.warehouse import ROOT, UNTESTED, Warehouse

CASES = ROOT.parent / "shared" / "data" / "cases"
pytestmark = pytest.mark.skipif(
    not CASES.exists(), reason="../shared/data/cases is not there"
)
AS_OF = "2026-06-30"


def loaded(shop: Warehouse, *folders: Path, zone: str | None = None) -> Warehouse:
    """Load folders one after the other, an hour apart."""
    for hour, folder in enumerate(folders):
        shop.raw = folder
        moment = f"2026-07-11T{hour:02}:00:00Z"
        shop.load(*(("--time-zone", zone) if zone else ()), loaded_at=moment)
    return shop


def built(shop: Warehouse, *models: str, as_of: str = AS_OF) -> Warehouse:
    """Build some tables and what they need."""
    shop.build(as_of, "--select", *(f"+{model}" for model in models), *UNTESTED)
    return shop


def test_an_edited_order_has_the_lines_that_are_left(empty: Warehouse) -> None:
    case = CASES / "01-shopify-edited-order"
    shop = built(loaded(empty, case / "day1", case / "day2"), "order_lines")
    assert shop.query("select order_id, net_revenue::int from orders order by 1") == [
        ("#2001", 15000),
        ("#2002", 10000),
        ("#2003", 7000),
    ]
    lines = "select product_id from order_lines where order_id = '#2001' order by line"
    assert shop.query(lines) == [("A",), ("C",)]


def test_refunds_take_back_goods_first(empty: Warehouse, tmp_path: Path) -> None:
    """With the ready mapping, which reads currency and gateway of a refund."""
    folder = tmp_path / "refunds"
    shutil.copytree(CASES / "02-shopify-refunds", folder)
    shutil.copy(ROOT / "mappings" / "shopify" / "mapping.yml", folder)
    shop = built(loaded(empty, folder), "daily_revenue", as_of="2026-07-10")
    assert shop.query(
        "select order_id, net_revenue::int, invalid_reason, is_over_refunded"
        " from orders order by 1"
    ) == [
        ("#3001", 0, "fully_refunded", False),
        ("#3002", 10000, None, False),
        ("#3003", 0, "fully_refunded", True),
        ("#3004", 30000, None, False),
        ("#3005", 130000, None, False),
        ("#3006", 50000, None, False),
    ]
    told = "select reason, column_name, masked_value from quarantined_rows"
    built(shop, "quarantined_rows", as_of="2026-07-10")
    assert shop.query(told) == [("no_rate", "currency", "USD")]


def test_events_that_say_the_same_are_several(empty: Warehouse) -> None:
    case = CASES / "06-ga4-reexport"
    loaded(empty, case / "shop", zone="Asia/Seoul")
    shop = built(loaded(empty, case / "day1", case / "day3"), "customer_products")
    states = "select count(*) from main_staging.stg_events where row_state = 'kept'"
    assert shop.query(states) == [(13,)]
    carts = "select customer_id, product_id from customer_products where is_in_cart"
    assert shop.query(f"{carts} order by 1, 2") == [("u1", "A"), ("u1", "B")]


def test_whole_mobile_numbers_are_reachable(empty: Warehouse) -> None:
    case = CASES / "15-phones-and-odd-lines"
    shop = built(loaded(empty, case, zone="Asia/Seoul"), "customers", "order_lines")
    reached = "select customer_id from customers where is_reachable_by_sms order by 1"
    numbers = (1, 2, 3, 4, 5, 9, 10, 11, 14, 15, 16, 17)
    assert shop.query(reached) == [(f"p{number:02}",) for number in numbers]
    lines = "select line, quantity::varchar from order_lines where order_id = 'n1'"
    assert shop.query(f"{lines} order by 1") == [
        (1, "2.0000"),
        (2, "-1.0000"),
        (3, "0.3500"),
        (4, "1.0000"),
    ]


# what a file of another form is refused for; all others hold three orders
REFUSED = {
    "g_xlsx": "is no readable workbook",  # its parts are not there
    "n_dup_header": "column 결제금액 is there twice",
    "p_empty": "is empty",
    "s_wrong_delim": 'Say delimiter: ";" in the mapping',
    "t_cp949_unsaid": "Say encoding: cp949 in the mapping",
}
ROWS = {"o_header_only": 0, "u_one_row": 1}


@pytest.mark.parametrize(
    "kind",
    sorted(path.name for path in (CASES / "08-file-kinds").glob("*"))
    if CASES.exists()
    else [],
)
def test_a_file_is_read_or_refused_with_a_remedy(
    kind: str, empty: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = CASES / "08-file-kinds" / kind
    code = load_raw.main([str(folder), "--landing", str(empty.landing)])
    said = capsys.readouterr()
    if kind in REFUSED:
        assert code == 2
        assert REFUSED[kind] in said.err
    else:
        assert (code, said.err) == (0, "")
        (row,) = [line for line in said.out.splitlines() if line.startswith("orders ")]
        landed, quarantined = int(row.split()[3]), int(row.split()[5])
        assert (landed, quarantined) == (ROWS.get(kind, 3), 0)
