"""The ready mappings, each against an independent reading of its invented export."""

import csv
import io
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest
import yaml

from customer_segments.loading import load_raw
from tests.python.warehouse import AS_OF, LOADED_AT, ROOT, Warehouse, failures

MAPPINGS = ROOT / "mappings"
NAMES = sorted(path.parent.name for path in MAPPINGS.glob("*/mapping.yml"))
SEOUL = ZoneInfo("Asia/Seoul")

Order = tuple[str | None, datetime, str, Decimal, Decimal]


@dataclass
class Shop:
    """What an export says, read without the loader.

    Orders are customer, time in UTC, status, gross and discount by id; consents are
    customer, channel, status and time; items are order, product, quantity and price.
    """

    customers: set[str] = field(default_factory=set)
    orders: dict[str, Order] = field(default_factory=dict)
    items: Counter[tuple[str, str, int, Decimal]] = field(default_factory=Counter)
    refunds: Counter[tuple[str, Decimal, datetime]] = field(default_factory=Counter)
    consents: set[tuple[str, str, str, datetime]] = field(default_factory=set)
    products: set[str] = field(default_factory=set)


def records(name: str, pattern: str, encoding: str = "utf-8") -> list[dict[str, str]]:
    """The records of the one file of an export, by the csv module."""
    (path,) = (MAPPINGS / name).glob(pattern)
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, strict=True))


def in_utc(text: str, zone: ZoneInfo = SEOUL) -> datetime:
    """A time as the exports write it, in UTC without a zone."""
    parsed = datetime.fromisoformat(text.replace(" +", "+"))
    local = parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)
    return local.astimezone(UTC).replace(tzinfo=None)


def won(text: str) -> Decimal:
    """An amount with thousands separated."""
    return Decimal(text.replace(",", ""))


def cafe24() -> Shop:
    """Every word of the invented download is told here once more, on purpose."""
    shop, day = Shop(), in_utc("2026-06-30")
    granted = {"T", "Y", "수신", "수신함", "동의", "수신동의"}
    states = {
        "입금전": "pending",
        "결제완료": "paid",
        "상품준비중": "paid",
        "배송준비중": "paid",
        "배송중": "shipped",
        "배송완료": "delivered",
        "구매확정": "delivered",
        "교환완료": "delivered",
        "반품완료": "returned",
        "취소완료": "cancelled",
    }
    for row in records("cafe24", "회원_*.csv", "cp949"):
        shop.customers.add(row["아이디"])
        for channel, column in (("sms", "SMS 수신여부"), ("email", "이메일 수신여부")):
            status = "granted" if row[column] in granted else "withdrawn"
            shop.consents.add((row["아이디"], channel, status, day))
    for row in records("cafe24", "주문_*.csv", "cp949"):
        discounts = (
            "쿠폰 할인금액(최종)",
            "회원등급 추가할인금액",
            "상품별 추가할인금액",
            "앱 상품할인 금액(최종)",
        )
        shop.orders[row["주문번호"]] = (
            row["주문자ID"] or None,
            in_utc(row["주문일시"]),
            states[row["주문 상태"]],
            won(row["총 상품구매금액(KRW)"]),
            sum((won(row[name]) for name in discounts), Decimal()),
        )
        if row["환불완료일"]:
            refunded = won(row["실제 환불금액"]), in_utc(row["환불완료일"])
            shop.refunds[(row["주문번호"], *refunded)] += 1
    for row in records("cafe24", "주문상품_*.csv", "cp949"):
        price = won(row["옵션+판매가"])
        shop.items[(row["주문번호"], row["상품코드"], int(row["수량"]), price)] += 1
    shop.products = {r["상품코드"] for r in records("cafe24", "상품_*.csv", "cp949")}
    return shop


def made_of(email: str) -> str | None:
    """The id that is made of an e-mail address."""
    return sha256(email.encode()).hexdigest()[:32] if email else None


def shopify() -> Shop:
    """Orders are on their first lines; who has no e-mail address is nobody's."""
    shop, day = Shop(), in_utc("2026-06-30")
    states = {
        "paid": "paid",
        "partially_refunded": "paid",
        "refunded": "returned",
        "voided": "cancelled",
        "authorized": "pending",
        "pending": "pending",
    }
    answers = {"yes": "granted", "no": "withdrawn"}
    for row in records("shopify", "customers_export_*.csv"):
        customer = made_of(row["Email"])
        if customer is not None:
            shop.customers.add(customer)
            for channel, name in (("email", "Email"), ("sms", "SMS")):
                answer = answers[row[f"Accepts {name} Marketing"]]
                shop.consents.add((customer, channel, answer, day))
    for row in records("shopify", "orders_export_*.csv"):
        sku, price = row["Lineitem sku"], Decimal(row["Lineitem price"])
        shop.items[(row["Name"], sku, int(row["Lineitem quantity"]), price)] += 1
        shop.products.add(sku)
        if row["Financial Status"]:
            discount = Decimal(row["Discount Amount"])
            shop.orders[row["Name"]] = (
                made_of(row["Email"]),
                in_utc(row["Created at"]),
                states[row["Financial Status"]],
                Decimal(row["Subtotal"]) + discount,
                discount,
            )
    for row in records("shopify", "transactions_export_*.csv"):
        if (row["Kind"], row["Status"]) == ("refund", "success"):
            refunded = Decimal(row["Amount"]), in_utc(row["Created At"])
            shop.refunds[(row["Name"], *refunded)] += 1
    return shop


def woocommerce() -> Shop:
    """Gross is what the lines add up to, which the mapping does not add up."""
    shop = Shop()
    states = {
        "completed": "delivered",
        "processing": "paid",
        "on-hold": "pending",
        "pending": "pending",
        "refunded": "cancelled",
        "cancelled": "cancelled",
        "failed": "cancelled",
    }
    shop.customers = {
        row["customer_id"] for row in records("woocommerce", "customers-export-*.csv")
    }
    lines = records("woocommerce", "orders-export-*.csv")
    gross: Counter[str] = Counter()
    for row in lines:
        gross[row["order_number"]] += int(Decimal(row["item_subtotal"]))
        price = Decimal(row["item_price"])
        product, pieces = row["item_product_id"], int(row["item_quantity"])
        shop.items[(row["order_number"], product, pieces, price)] += 1
    for row in lines:
        shop.orders[row["order_number"]] = (
            None if row["customer_id"] == "0" else row["customer_id"],
            in_utc(row["date"]),
            states[row["status"]],
            Decimal(gross[row["order_number"]]),
            Decimal(row["discount_total"]),
        )
    shop.products = {
        row["ID"]
        for row in records("woocommerce", "wc-product-export-*.csv", "utf-8-sig")
    }
    return shop


def database() -> Shop:
    """The tables of the committed SQL, asked in its own words."""
    shop = Shop()
    states = {
        "open": "pending",
        "payed": "paid",
        "sent": "shipped",
        "done": "delivered",
        "back": "returned",
        "void": "cancelled",
    }
    channels = {
        "mail": "email",
        "text": "sms",
        "app": "push",
        "kakao": "brand_message",
    }
    with duckdb.connect() as connection:
        connection.execute((MAPPINGS / "database" / "shop.sql").read_text("utf-8"))

        def ask(sql: str) -> list[tuple[Any, ...]]:
            return connection.sql(sql).fetchall()

        shop.customers = {row[0] for row in ask("select member_no from crm.members")}
        for order, who, placed, state, goods, rebate in ask(
            "select order_no, member_no, placed, state, goods_total, rebate"
            " from sales.orders"
        ):
            shop.orders[str(order)] = (
                None if who == "guest" else who,
                in_utc(placed.isoformat()),
                states[state],
                goods,
                rebate,
            )
        for order, article, pieces, price in ask(
            "select order_no, article, pieces, price from sales.order_lines"
        ):
            shop.items[(str(order), article, pieces, price)] += 1
        for order, money, paid_back in ask(
            "select order_no, money, paid_back from sales.paybacks"
        ):
            shop.refunds[(str(order), money, in_utc(paid_back.isoformat()))] += 1
        for who, medium, agreed, said in ask(
            "select member_no, medium, agreed, said from crm.agreements"
        ):
            status = "granted" if agreed else "withdrawn"
            told = (who, channels[medium], status, in_utc(said.isoformat()))
            shop.consents.add(told)
        shop.products = {row[0] for row in ask("select article from goods.articles")}
    return shop


def sheet(name: str, pattern: str, header: int = 1) -> list[dict[str, Any]]:
    """The rows of the one workbook of an export, by openpyxl."""
    (path,) = (MAPPINGS / name).glob(pattern)
    rows = list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))
    return [
        dict(zip(map(str, rows[header - 1]), row, strict=True)) for row in rows[header:]
    ]


def summed(
    rows: list[dict[str, Any]], order: str, amount: Callable[[dict[str, Any]], object]
) -> dict[str, Decimal]:
    """What the rows of each order come to."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        told = Decimal(str(amount(row)).replace(",", ""))
        sums[row[order]] = sums.get(row[order], Decimal()) + told
    return sums


def smartstore() -> Shop:
    """Cancelled and returned lines are no part of an order."""
    shop = Shop()
    states = {"결제완료": "paid", "배송중": "shipped", "구매확정": "delivered"}
    everything = sheet("smartstore", "*.xlsx", header=2)
    shop.customers = {row["구매자ID"] for row in everything}
    shop.products = {row["상품번호"] for row in everything}
    rows = [row for row in everything if row["주문상태"] in states]
    gross = summed(
        rows, "주문번호", lambda r: (r["상품가격"] + r["옵션가격"]) * r["수량"]
    )
    discount = summed(rows, "주문번호", lambda row: row["최종 상품별 할인액"])
    for row in reversed(rows):
        order, price = row["주문번호"], Decimal(row["상품가격"] + row["옵션가격"])
        shop.orders[order] = (
            *(row["구매자ID"], in_utc(row["결제일"]), states[row["주문상태"]]),
            *(gross[order], discount[order]),
        )
        shop.items[(order, row["상품번호"], row["수량"], price)] += 1
    return shop


def coupang() -> Shop:
    """Nobody knows who buys there."""
    shop, rows = Shop(), sheet("coupang", "*.xlsx")
    gross = summed(rows, "주문번호", lambda row: row["결제액"])
    for row in rows:
        order, price = row["주문번호"], Decimal(row["옵션판매가(판매단가)"])
        placed = in_utc(row["주문일"])
        shop.orders[order] = (None, placed, "paid", gross[order], Decimal())
        shop.items[(order, row["노출상품ID"], row["구매수(수량)"], price)] += 1
        shop.products.add(row["노출상품ID"])
    return shop


def imweb() -> Shop:
    """Who is no member is a guest."""
    shop, rows = Shop(), sheet("imweb", "*.xlsx")
    states = {
        "배송완료": "delivered",
        "배송중": "shipped",
        "취소완료": "cancelled",
        "반품완료": "returned",
    }
    gross = summed(rows, "주문번호", lambda row: row["품목실구매가"])
    discount = summed(rows, "주문번호", lambda row: row["할인금액"])
    for row in rows:
        order, who = row["주문번호"], row["회원아이디"] or None
        shop.orders[order] = (
            *(who, in_utc(row["주문일"]), states[row["주문상태"]]),
            *(gross[order], discount[order]),
        )
        price = won(row["판매가"])
        shop.items[(order, row["상품고유번호"], row["구매수량"], price)] += 1
        shop.products.add(row["상품고유번호"])
        shop.customers |= {who} if who else set()
    return shop


def stripe() -> Shop:
    """A refunded charge was paid, and given back later."""
    shop, utc = Shop(), ZoneInfo("UTC")
    states = {"Paid": "paid", "Refunded": "paid", "Failed": "cancelled"}
    for row in records("stripe", "unified_payments*.csv"):
        who, placed = row["Customer ID"] or None, in_utc(row["Created date (UTC)"], utc)
        amount = Decimal(row["Amount"])
        shop.orders[row["id"]] = (who, placed, states[row["Status"]], amount, Decimal())
        shop.customers |= {who} if who else set()
        if row["Refunded date (UTC)"]:
            back = in_utc(row["Refunded date (UTC)"], utc)
            shop.refunds[(row["id"], Decimal(row["Amount Refunded"]), back)] += 1
    return shop


def klaviyo() -> Shop:
    """Who never subscribed said nothing."""
    shop, utc = Shop(), ZoneInfo("UTC")
    answers = {"SUBSCRIBED": "granted", "UNSUBSCRIBED": "withdrawn"}
    for row in records("klaviyo", "profiles_*.csv"):
        customer = made_of(row["Email"])
        if customer is None:
            continue
        shop.customers.add(customer)
        for channel, name in (("email", "Email"), ("sms", "SMS")):
            answer = answers.get(row[f"{name} Marketing Consent"])
            if answer:
                at = in_utc(row[f"{name} Marketing Consent Timestamp"], utc)
                shop.consents.add((customer, channel, answer, at))
    return shop


READERS: dict[str, Callable[[], Shop]] = {
    "cafe24": cafe24,
    "coupang": coupang,
    "database": database,
    "ga4": Shop,
    "imweb": imweb,
    "klaviyo": klaviyo,
    "shopify": shopify,
    "smartstore": smartstore,
    "stripe": stripe,
    "woocommerce": woocommerce,
}


@dataclass(frozen=True)
class Loaded:
    """All exports in one warehouse, judged once, and what the loader said of each."""

    warehouse: Warehouse
    said: dict[str, str]
    origins: dict[str, set[str]]

    def kept(self, name: str, table: str, columns: str) -> list[tuple[Any, ...]]:
        """Kept rows of the staging model that come from an export."""
        files = ", ".join(f"'{origin}'" for origin in sorted(self.origins[name]))
        return self.warehouse.query(
            f"select {columns} from main_staging.stg_{table}"
            f" where row_state = 'kept' and source_file in ({files})"
        )


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """Load every ready mapping into one landing folder; staging is built once."""
    folder = tmp_path_factory.mktemp("mappings")
    warehouse = Warehouse(folder)
    said: dict[str, str] = {}
    origins: dict[str, set[str]] = {}
    before: set[str] = set()
    for name in NAMES:
        export = folder / name
        shutil.copytree(MAPPINGS / name, export)
        if name == "database":
            with duckdb.connect(str(export / "shop.duckdb")) as connection:
                connection.execute((export / "shop.sql").read_text("utf-8"))
        warehouse.raw = export
        with redirect_stdout(io.StringIO()) as told:
            warehouse.load()
        said[name] = told.getvalue()
        files = {row["source_file"] for row in manifest(warehouse)}
        origins[name] = files - before
        before = files
    result = warehouse.dbt(
        *("build", "--select", "+quarantined_rows"),
        *("--resource-type", "model", "--resource-type", "seed"),
        variables={"as_of_date": AS_OF},
    )
    assert result.success, failures(result)
    yield Loaded(warehouse, said, origins)


def manifest(warehouse: Warehouse) -> list[dict[str, Any]]:
    """What was loaded."""
    files = sorted((warehouse.landing / "load_manifest").glob("*.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def test_every_ready_mapping_has_a_reader() -> None:
    assert sorted(READERS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_column_of_an_export_is_mapped_or_ignored(
    name: str, loaded: Loaded
) -> None:
    assert "Loaded" in loaded.said[name]
    assert "not in the contract" not in loaded.said[name]


def test_no_row_of_an_export_is_quarantined(loaded: Loaded) -> None:
    query = "select raw_table, source_file, column_name, reason from quarantined_rows"
    assert loaded.warehouse.query(query) == []


def test_rows_in_are_kept_superseded_not_yet_quarantined_or_set_aside(
    loaded: Loaded,
) -> None:
    tables: dict[tuple[str, str], Counter[str]] = {}
    for row in manifest(loaded.warehouse):
        counts = tables.setdefault((row["raw_table"], row["source_file"]), Counter())
        counts["rows in"] += row["rows_in"]
        counts["set aside"] += row["rows_set_aside"] + row["rows_merged"]
    assert len(tables) > 20
    for (table, file), counts in tables.items():
        states = loaded.warehouse.query(
            f"select row_state, count(*) from main_staging.stg_{table}"
            f" where source_file = '{file}' group by row_state"
        )
        told = sum(count for _, count in states) + counts["set aside"]
        assert told == counts["rows in"], (table, file, states, counts)


@pytest.mark.parametrize("name", NAMES)
def test_kept_customers_are_those_of_the_export(name: str, loaded: Loaded) -> None:
    kept = [row[0] for row in loaded.kept(name, "customers", "customer_id")]
    assert sorted(kept) == sorted(READERS[name]().customers)


@pytest.mark.parametrize("name", NAMES)
def test_kept_orders_are_those_of_the_export(name: str, loaded: Loaded) -> None:
    kept = loaded.kept(
        name,
        "orders",
        "order_id, customer_id, ordered_at, status, gross_amount,"
        " coalesce(discount_amount, 0)",
    )
    expected = READERS[name]().orders
    assert sorted(kept) == sorted((order, *told) for order, told in expected.items())


@pytest.mark.parametrize("name", NAMES)
def test_kept_lines_of_orders_are_those_of_the_export(
    name: str, loaded: Loaded
) -> None:
    kept = loaded.kept(
        name, "order_items", "order_id, product_id, quantity, unit_price"
    )
    assert Counter(kept) == READERS[name]().items
    keys = loaded.kept(name, "order_items", "order_id, line")
    per_order = Counter(order for order, _ in keys)
    expected = {(order, n + 1) for order in per_order for n in range(per_order[order])}
    assert set(keys) == expected


@pytest.mark.parametrize("name", NAMES)
def test_kept_refunds_are_those_of_the_export(name: str, loaded: Loaded) -> None:
    kept = loaded.kept(name, "refunds", "order_id, amount, refunded_at")
    assert Counter(kept) == READERS[name]().refunds


@pytest.mark.parametrize("name", NAMES)
def test_kept_consents_are_those_of_the_export(name: str, loaded: Loaded) -> None:
    kept = loaded.kept(
        name, "consents", "customer_id, channel, status, changed_at, purpose"
    )
    advertising = [row[:4] for row in kept if row[4] == "ad"]
    others = {row[:4] for row in kept if row[4] != "ad"}
    assert len(advertising) == len(set(advertising))
    assert {*advertising, *others} == READERS[name]().consents


@pytest.mark.parametrize("name", NAMES)
def test_kept_products_are_those_of_the_export(name: str, loaded: Loaded) -> None:
    kept = [row[0] for row in loaded.kept(name, "products", "product_id")]
    assert sorted(kept) == sorted(READERS[name]().products)


def test_the_purposes_of_a_database_keep_their_meaning(loaded: Loaded) -> None:
    kept = loaded.kept("database", "consents", "channel, purpose, status")
    purposes = Counter(purpose for _, purpose, _ in kept)
    assert purposes == {"ad": 10, "night_ad": 1, "third_party": 1}


def test_profiles_keep_their_meaning(loaded: Loaded) -> None:
    rows = loaded.kept(
        "cafe24",
        "customers",
        "customer_id, created_at, email, phone, birth_date::varchar, gender, region",
    )
    people = {row[0]: row[1:] for row in rows}
    words = {"여": "female", "여자": "female", "여성": "female", "F": "female"}
    words |= {"남": "male", "남자": "male", "남성": "male", "M": "male"}
    for row in records("cafe24", "회원_*.csv", "cp949"):
        born = row["생년월일"]
        assert people[row["아이디"]] == (
            in_utc(row["회원 가입일"]),
            row["이메일"] or None,
            row["휴대폰번호"] or None,
            None if born == "0000-00-00" else born,
            words.get(row["성별"]),
            row["지역"] or None,
        )


def test_prices_are_those_of_the_day_in_the_name_of_the_file(loaded: Loaded) -> None:
    kept = loaded.kept("cafe24", "product_prices", "product_id, price, valid_from")
    day = in_utc("2026-06-30")
    assert sorted(kept) == sorted(
        (row["상품코드"], won(row["판매가"]), day)
        for row in records("cafe24", "상품_*.csv", "cp949")
    )


def test_events_of_google_analytics_keep_their_meaning(loaded: Loaded) -> None:
    """Read by pyarrow: what is nested is walked in Python."""
    names = yaml.safe_load((MAPPINGS / "ga4" / "mapping.yml").read_text("utf-8"))
    words = names["tables"]["events"]["values"]["event_name"]
    expected = Counter[tuple[Any, ...]]()
    for path in sorted((MAPPINGS / "ga4").glob("*.parquet")):
        for row in pq.read_table(path).to_pylist():
            told = {
                entry["key"]: next(
                    (v for v in entry["value"].values() if v is not None), None
                )
                for entry in row["event_params"]
            }
            products = {item["item_id"] for item in row["items"]}
            device = row["device"]
            expected[
                (
                    row["user_id"],
                    row["user_pseudo_id"],
                    words.get(row["event_name"], row["event_name"]),
                    datetime.fromtimestamp(
                        row["event_timestamp"] // 1_000_000, UTC
                    ).replace(tzinfo=None, microsecond=row["event_timestamp"] % 10**6),
                    products.pop() if len(products) == 1 else None,
                    told.get("page_location"),
                    told.get("search_term"),
                    device["category"],
                    device["operating_system"],
                    (device["web_info"] or {}).get("browser"),
                    (row["app_info"] or {}).get("version"),
                    told.get("ga_session_number"),
                )
            ] += 1
    kept = loaded.kept(
        "ga4",
        "events",
        "customer_id, anonymous_id, event_name, occurred_at, product_id, page,"
        " search_term, device, os, browser, app_version,"
        " (properties->>'ga_session_number')::bigint",
    )
    assert Counter(kept) == expected
    assert {row[2] for row in kept} >= {"product_view", "cart_add", "scroll"}


def test_clicks_of_a_database_keep_their_meaning(loaded: Loaded) -> None:
    kept = loaded.kept("database", "events", "event_id, event_name, occurred_at")
    named = {int(event): (what, at) for event, what, at in kept}
    assert len(named) == 8
    assert named[2] == ("search", in_utc("2026-06-10 18:41:00"))
    assert named[5][0] == "cart_add"


def test_loading_all_of_it_again_changes_nothing(loaded: Loaded) -> None:
    folder, landing = loaded.warehouse.folder, loaded.warehouse.landing
    before = sorted(path.stat().st_mtime_ns for path in landing.rglob("*.parquet"))
    for name in NAMES:
        arguments = [str(folder / name), "--landing", str(landing)]
        assert load_raw.main([*arguments, "--loaded-at", LOADED_AT]) == 0
    after = sorted(path.stat().st_mtime_ns for path in landing.rglob("*.parquet"))
    assert after == before
