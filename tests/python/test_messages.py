"""What a message says, whether it may be sent, and who gets none."""

import json
import time
import unicodedata
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from pydantic import ValidationError

from customer_segments.exporting.messages import Message, cp949_bytes, fill
from customer_segments.exporting.problems import WriteFailed
from customer_segments.exporting.reading import memory

AD = "(광고)[한빛] {name}님, 봄 세일\n무료수신거부 080-123-4567"
OPT_OUT = "무료수신거부 0801234567"
CANARY = "canary.person@example.kr"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with memory() as connection:
        yield connection


def sms(text: str = AD, **settings: Any) -> Message:
    return Message.model_validate(
        {"kind": "sms", "message_class": "ad", "text": text, **settings}
    )


def filled(
    connection: duckdb.DuckDBPyConnection,
    message: Message,
    *variables: dict[str, str | None] | None,
) -> list[tuple[Any, ...]]:
    """Text, subject, type and reason for each of some customers."""
    connection.sql(
        "create or replace table members (customer_id varchar, variables varchar)"
    )
    for place, values in enumerate(variables):
        text = None if values is None else json.dumps(values, ensure_ascii=False)
        connection.execute("insert into members values (?, ?)", [f"c{place:03}", text])
    reasons = fill(connection, "members", message, "messages")
    rows = connection.sql(
        "select text, subject, message_type, rejected from messages"
        " order by customer_id"
    ).fetchall()
    assert len(rows) == len(variables)
    told = [row[3] for row in rows if row[3]]
    assert reasons == {reason: told.count(reason) for reason in sorted(set(told))}
    return rows


def test_variables_are_filled_in_for_each_row(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = filled(connection, sms(), {"name": "민지"}, {"name": "\u3000Jo {x} $1 \\1 "})
    assert [row[0] for row in rows] == [
        "(광고)[한빛] 민지님, 봄 세일\n무료수신거부 080-123-4567",
        "(광고)[한빛] Jo {x} $1 \\1님, 봄 세일\n무료수신거부 080-123-4567",
    ]
    assert [row[1:] for row in rows] == [(None, "SMS", None)] * 2


def test_a_row_without_a_variable_gets_no_message(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    blanks: list[dict[str, str | None] | None] = [
        None,
        {},
        {"name": None},
        {"name": ""},
        {"name": " \u3000\u00a0"},
        {"Name": "민지"},
    ]
    rows = filled(connection, sms(), *blanks, {"name": "0"})
    assert [row[3] for row in rows] == ["missing_variable"] * len(blanks) + [None]


def test_sms_becomes_lms_one_byte_after_90(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    message = sms("(광고){name}" + OPT_OUT, subject="(광고) 봄")
    room = 90 - len(("(광고)" + OPT_OUT).encode("cp949"))
    just, over = "a" * (room % 2) + "가" * (room // 2), "a" * (room + 1)
    rows = filled(connection, message, {"name": just}, {"name": over})
    assert [len(row[0].encode("cp949")) for row in rows] == [90, 91]
    assert [row[1:] for row in rows] == [
        (None, "SMS", None),
        ("(광고) 봄", "LMS", None),
    ]
    short = message.model_copy(update={"lms": False})
    reasons = [
        row[3] for row in filled(connection, short, {"name": just}, {"name": over})
    ]
    assert reasons == [None, "text_too_long"]


def test_lms_ends_at_2000_bytes_and_its_subject_at_40(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    message = sms("(광고){name}" + OPT_OUT, subject="(광고){title}")
    room = 2000 - len(("(광고)" + OPT_OUT).encode("cp949"))
    rows = filled(
        connection,
        message,
        {"name": "가" * (room // 2) + "a" * (room % 2), "title": "가" * 17},
        {"name": "a" * (room + 1), "title": "x"},
        {"name": "a" * 90, "title": "가" * 17 + "a"},
        {"name": "a" * 90, "title": None},
        {"name": "a", "title": None},
    )
    assert [row[3] for row in rows] == [
        *(None, "text_too_long", "subject_too_long", "missing_variable", None)
    ]
    assert len(rows[0][0].encode("cp949")) == 2000
    assert len(rows[0][1].encode("cp949")) == 40


def test_what_text_messages_cannot_say_is_refused_and_syllables_are_composed(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = filled(
        connection,
        sms(),
        {"name": "😀"},
        {"name": "café"},
        {"name": unicodedata.normalize("NFD", "민지")},
        {"name": "두\n줄"},
        {"name": "\u202eabc"},
        {"name": "=cmd()"},
    )
    assert [row[3] for row in rows] == [
        *("not_in_cp949", "not_in_cp949", None),
        *("control_character", "control_character", None),
    ]
    assert "민지" in rows[2][0]


def test_length_in_sql_is_what_the_codec_says(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    signs = [chr(code) for code in range(0x20, 0x10000) if is_in_cp949(chr(code))]
    assert len(signs) > 17_000
    connection.sql("create table signs (sign varchar)")
    connection.execute("insert into signs select unnest(?::varchar[])", [signs])
    wrong = connection.sql(
        f"select sign, {cp949_bytes('sign')} as size from signs"
    ).fetchall()
    assert [row for row in wrong if len(row[0].encode("cp949")) != row[1]] == []


def is_in_cp949(sign: str) -> bool:
    try:
        return bool(sign.encode("cp949"))
    except UnicodeEncodeError:
        return False


def test_alimtalk_and_brand_messages_fill_their_own_slots(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    alimtalk = Message(
        kind="alimtalk",
        message_class="info",
        text="#{고객 이름}님, {주문} #{번호} 도착 😀",
        template_code="order_01",
        variables={"고객 이름": "name"},
    )
    (row,) = filled(connection, alimtalk, {"name": "민지", "번호": "12"})
    assert row == ("민지님, {주문} 12 도착 😀", None, "ALIMTALK", None)
    found = connection.sql("select template_code, variables from messages").fetchall()
    assert found == [("order_01", '{"name": "민지", "번호": "12"}')]
    brand = Message(
        kind="brand_message", message_class="ad", text=f"(광고) #{{x}} {OPT_OUT}"
    )
    room = 1300 - len(f"(광고)  {OPT_OUT}")
    rows = filled(connection, brand, {"x": "😀" * room}, {"x": "가" * (room + 1)})
    assert [row[2:] for row in rows] == [
        ("BRAND_MESSAGE", None),
        ("BRAND_MESSAGE", "text_too_long"),
    ]


def test_a_text_without_variables_is_the_same_for_all(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = filled(connection, sms(f"(광고) it's '봄' {OPT_OUT}"), None, {"name": "x"})
    assert {row[0] for row in rows} == {f"(광고) it's '봄' {OPT_OUT}"}
    assert [row[3] for row in rows] == [None, None]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "alimtalk", "template_code": "T"}, "no advertising"),
        ({"kind": "alimtalk", "message_class": "info"}, "needs the template_code"),
        ({"template_code": "T"}, "template_code is for"),
        ({"kind": "brand_message", "subject": "x"}, "subject is for LMS"),
        ({"max_characters": 5}, "count bytes"),
        ({"text": "(광고) 봄"}, "how to refuse"),
        ({"text": "(광고) 봄 무료수신거부"}, "how to refuse"),
        ({"text": "(광고) 080-123-4567 무료수신거부"}, "how to refuse"),
        ({"text": "(광고) 봄 수신거부 080-123-4567"}, "how to refuse"),
        ({"text": "(광고) 무료수신거부 {number}"}, "how to refuse"),
        ({"text": f"봄 세일 {OPT_OUT}"}, "begins with exactly"),
        ({"text": f" (광고) {OPT_OUT}"}, "begins with exactly"),
        ({"text": f"[광고] {OPT_OUT}"}, "begins with exactly"),
        ({"text": f"( 광고) {OPT_OUT}"}, "begins with exactly"),
        ({"text": f"(광 고) {OPT_OUT}"}, "begins with exactly"),
        ({"text": f"（광고） {OPT_OUT}"}, "begins with exactly"),
        ({"text": f"{{label}} {OPT_OUT}"}, "begins with exactly"),
        ({"message_class": "info"}, "class info"),
        ({"message_class": "info", "text": "안내", "subject": "(광고)"}, "class info"),
        ({"text": AD + "😀"}, "not in CP949"),
        ({"text": AD + "가" * 1000}, "longer than 2,000 bytes"),
        ({"text": AD + "가" * 45, "lms": False}, "longer than 90 bytes"),
        ({"subject": "가" * 21}, "longer than 40 bytes"),
        ({"text": AD + "{ name }"}, "is written"),
        ({"text": AD + "#{이름"}, "is written"),
        ({"text": AD + "\x07"}, "cannot be printed"),
        ({"subject": "a\nb"}, "cannot be printed"),
        ({"variables": {"nam": "name"}}, "no variable 'nam'"),
        ({"variables": {"name": "a.b"}}, "no name of a variable"),
        ({"message_class": "adv"}, "Input should be"),
        ({"txt": "x"}, "Extra inputs"),
    ],
)
def test_settings_that_may_not_be_sent_are_refused_when_they_are_read(
    given: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        sms(**given) if "text" in given else sms(AD, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("word", ["무료수신거부", "무료거부", "무료거부:"])
def test_either_way_to_refuse_is_taken(word: str) -> None:
    sms(f"(광고) 봄 {word} 0808001234")


def test_the_way_to_refuse_is_a_setting() -> None:
    settings = {"opt_out_words": ("채널 차단",), "opt_out_needs_number": False}
    sms("(광고) 봄. 수신거부: 홈 > 채널 차단", kind="brand_message", **settings)


def test_a_template_saved_in_pieces_is_composed() -> None:
    assert sms(unicodedata.normalize("NFD", AD)).text == AD


def test_variables_that_are_no_json_are_not_shown(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.sql(
        f"create table members as select 'c' as customer_id, '{{{CANARY}' as variables"
    )
    with pytest.raises(WriteFailed) as caught:
        fill(connection, "members", sms(), "messages")
    assert CANARY not in str(caught.value) and caught.value.__cause__ is None


def test_a_hundred_thousand_messages_take_seconds(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.sql(
        """
        create table members as
        select
            'c' || number as customer_id,
            json_object('name', case when number % 10 = 0 then '😀' else '민지' end)
                as variables
        from range(100000) as numbers (number)
        """
    )
    begun = time.process_time()
    assert fill(connection, "members", sms(), "messages") == {"not_in_cp949": 10_000}
    assert time.process_time() - begun < 10
