"""What a receiver reads in a file of each form, and what never gets into one."""

import csv
import hashlib
import io
import json
import os
import resource
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest
from pydantic import ValidationError

from customer_segments.exporting.file_forms import (
    FileForm,
    drop_rows,
    ready_form,
    ready_forms,
    unmappable,
    write_rows,
)
from customer_segments.exporting.folder import put_in_place, temporary
from customer_segments.exporting.judging import HASH_OF_NOTHING
from customer_segments.exporting.names import HEADER
from customer_segments.exporting.problems import WriteFailed, WrongSpec
from customer_segments.exporting.reading import memory

COLUMNS = (
    *("audience", "customer_id", "channel", "identifier", "message_class"),
    *("campaign_id", "arm", "variables"),
    *("text", "subject", "message_type", "template_code"),
)
CANARY = "canary.person@example.kr"
HASH = hashlib.sha256(b"minji@example.kr").hexdigest()
OTHER = hashlib.sha256(b"+821012345678").hexdigest()
NFD = unicodedata.normalize("NFD", "한글")
HOSTILE = [
    *(
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\t=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        " =1",
        "\u3000=1",
    ),
    *('say "hi"', '"', '""', "a,b", "a;b", "a|b", "a\tb", "two\nlines", "two\r\nlines"),
    *(
        "\n",
        "cr\rinside",
        "#1",
        "#",
        "",
        " ",
        "'",
        "''quoted",
        "\x01",
        "\x0b",
        "\x7f",
        "\\n",
    ),
    *("민지", NFD, "😀", "\ufeffbom", "a" * 5000, "NULL", "null", "{}", "$.name", "%s"),
]


def without_number_signs(values: list[str]) -> list[str]:
    """Values that the engine writes by itself, another way to the same bytes."""
    return [text for text in values if not text.startswith("#")]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with memory() as connection:
        yield connection


def members(
    connection: duckdb.DuckDBPyConnection, *rows: Mapping[str, str | None]
) -> int:
    """Make the table `members` of some rows; what they lack is usual. Their number."""
    usual = {
        "audience": "win_back",
        "channel": "sms",
        "message_class": "ad",
        "campaign_id": "spring",
    }
    columns = ", ".join(f"{name} varchar" for name in COLUMNS)
    connection.sql(f"create or replace table members ({columns})")
    if rows:
        filled = [{**dict.fromkeys(COLUMNS), **usual, **row} for row in rows]
        connection.execute(
            f"insert into members select {', '.join(['unnest(?::varchar[])'] * 12)}",
            [[row[name] for row in filled] for name in COLUMNS],
        )
    return len(rows)


def written(
    path: Path, form: FileForm, connection: duckdb.DuckDBPyConnection, rows: int
) -> bytes:
    """Write a file, check what is said about it, put it in place; its bytes."""
    said = write_rows(path, form, connection, "members", rows)
    assert stat.S_IMODE(temporary(path).stat().st_mode) == 0o600
    put_in_place(path)
    content = path.read_bytes()
    assert (said.rows, said.bytes) == (rows, len(content))
    assert said.sha256 == hashlib.sha256(content).hexdigest()
    return content


def two(identifiers: tuple[str, str], channel: str) -> list[dict[str, str | None]]:
    """Two customers, the second first; one with all there is, one with nothing."""
    return [
        {
            **{"customer_id": "c2", "identifier": identifiers[1], "channel": channel},
            **{"message_class": "info", "text": "안내", "message_type": "SMS"},
            "template_code": "T1",
        },
        {
            **{"customer_id": "c1", "identifier": identifiers[0], "channel": channel},
            "arm": "a",
            "variables": json.dumps(
                {
                    "country": "KR",
                    "first_name_sha256": OTHER,
                    "name": '민지, "M"',
                    "zip": "04524",
                },
                ensure_ascii=False,
            ),
            **{"text": "(광고) 봄\n세일", "subject": "(광고) 세일"},
            **{"message_type": "LMS", "template_code": "T1"},
        },
    ]


PHONES = ("01012345678", "01087654321")
GOLDEN: dict[str, tuple[tuple[str, str], str, bytes]] = {
    "default": (
        ("+821012345678", "a@example.kr"),
        "sms",
        (
            b"audience,customer_id,channel,identifier,message_class,campaign_id\n"
            b"win_back,c1,sms,+821012345678,ad,spring\n"
            b"win_back,c2,sms,a@example.kr,info,spring\n"
        ),
    ),
    "send_list": (
        ("+821012345678", "0161234567"),
        "sms",
        (
            "\ufeffaudience,customer_id,channel,identifier,message_class,campaign_id"
            ",이름,상품명,가격,쿠폰,그룹\r\n"
            'win_back,c1,sms,010-1234-5678,ad,spring,"민지, ""M""",,,,a\r\n'
            "win_back,c2,sms,016-123-4567,info,spring,,,,,\r\n"
        ).encode(),
    ),
    "meta_csv": (
        (HASH, OTHER),
        "ads",
        (
            "email,phone,fn,ln,zip,country,extern_id\n"
            f"{HASH},,{OTHER},,,,c1\n"
            f"{OTHER},,,,,,c2\n"
        ).encode(),
    ),
    "google_csv": (
        (HASH, OTHER),
        "sms",
        (
            "Email,Phone,First Name,Last Name,Country,Zip\n"
            f",{HASH},{OTHER},,KR,04524\n"
            f",{OTHER},,,,\n"
        ).encode(),
    ),
    "tiktok_csv": ((HASH, OTHER), "ads", f"{HASH}\n{OTHER}\n".encode()),
    "sms_vendor": (
        PHONES,
        "sms",
        (
            "수신번호,메시지유형,제목,내용\r\n"
            '01012345678,LMS,(광고) 세일,"(광고) 봄\n세일"\r\n'
            "01087654321,SMS,,안내\r\n"
        ).encode("cp949"),
    ),
    "alimtalk_vendor": (
        PHONES,
        "alimtalk",
        (
            "\ufeff수신번호,템플릿코드,내용,#{이름}\r\n"
            '01012345678,T1,"(광고) 봄\n세일","민지, ""M"""\r\n'
            "01087654321,T1,안내,\r\n"
        ).encode(),
    ),
    "brand_message_vendor": (
        PHONES,
        "brand_message",
        (
            "\ufeff수신번호,템플릿코드,메시지구분,내용,그룹\r\n"
            '01012345678,T1,ad,"(광고) 봄\n세일",a\r\n'
            "01087654321,T1,info,안내,\r\n"
        ).encode(),
    ),
    "jsonl": (
        PHONES,
        "sms",
        (
            '{"audience":"win_back","customer_id":"c1","channel":"sms",'
            '"identifier":"01012345678","message_class":"ad","campaign_id":"spring",'
            '"arm":"a","variables":{"country":"KR","first_name_sha256":"' + OTHER + '",'
            '"name":"민지, \\"M\\"","zip":"04524"}}\n'
            '{"audience":"win_back","customer_id":"c2","channel":"sms",'
            '"identifier":"01087654321","message_class":"info","campaign_id":"spring",'
            '"arm":null,"variables":null}\n'
        ).encode(),
    ),
}


@pytest.mark.parametrize("name", [*GOLDEN])
def test_a_ready_form_has_these_bytes(
    name: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    identifiers, channel, expected = GOLDEN[name]
    rows = members(connection, *two(identifiers, channel))
    form = ready_form(name)
    assert written(tmp_path / f"x{form.suffix}", form, connection, rows) == expected


def test_every_ready_form_is_pinned() -> None:
    assert {*GOLDEN, "parquet"} == set(ready_forms())


def test_parquet_holds_the_members_as_text_by_customer(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = members(connection, *two(PHONES, "sms"))
    written(tmp_path / "x.parquet", ready_form("parquet"), connection, rows)
    found = connection.sql(f"from read_parquet('{tmp_path}/x.parquet')")
    assert found.columns == list(COLUMNS[:8])
    assert {str(kind) for kind in found.types} == {"VARCHAR"}
    first, second = found.fetchall()
    assert first[:4] == ("win_back", "c1", "sms", "01012345678")
    assert json.loads(first[7])["name"] == '민지, "M"'
    assert second[1] == "c2" and second[6:] == (None, None)


@pytest.mark.parametrize("has_number_signs", [True, False])
def test_the_default_form_writes_what_was_written_before_there_were_forms(
    has_number_signs: bool, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    values = [text for text in HOSTILE if "\r" not in text]
    if not has_number_signs:
        values = without_number_signs(values)
    rows = [(f"c{place:03}", text) for place, text in enumerate(values)]
    shaped = [
        ("win_back", customer, "sms", text, "ad", "spring") for customer, text in rows
    ]
    expected = io.StringIO(newline="")
    csv.writer(expected, lineterminator="\n").writerows([HEADER, *shaped])
    count = members(
        connection, *({"customer_id": one, "identifier": text} for one, text in rows)
    )
    untouched = ready_form("default").model_copy(update={"spreadsheet_safe": False})
    content = written(tmp_path / "new.csv", untouched, connection, count)
    assert content == expected.getvalue().encode()
    assert tuple(ready_form("default").columns) == HEADER


@pytest.mark.parametrize(
    ("has_number_signs", "delimiter", "line_end", "encoding", "header"),
    [
        (True, ",", "lf", "utf-8", True),
        (False, ",", "lf", "utf-8", True),
        (False, ";", "lf", "utf-8", False),
        (False, "\t", "lf", "utf-8", True),
        (True, "|", "crlf", "utf-8-sig", False),
        (True, ",", "lf", "utf-8-sig", True),
    ],
)
def test_hostile_values_come_back_as_they_were(
    has_number_signs: bool,
    header: bool,
    encoding: str,
    line_end: str,
    delimiter: str,
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
) -> None:
    form = FileForm(
        columns={
            'say "이름", etc.; a|b': "arm",
            "id": "customer_id",
            "id2": "identifier",
        },
        header=header,
        encoding=encoding,  # type: ignore[arg-type]
        line_end=line_end,  # type: ignore[arg-type]
        delimiter=delimiter,  # type: ignore[arg-type]
        spreadsheet_safe=False,
    )
    values = HOSTILE if has_number_signs else without_number_signs(HOSTILE)
    rows = [
        {"customer_id": f"c{place:03}", "identifier": text, "arm": text}
        for place, text in enumerate(values)
    ]
    content = written(tmp_path / "x.csv", form, connection, members(connection, *rows))
    assert content.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    text = io.StringIO(content.decode(encoding), newline="")
    found = list(csv.reader(text, delimiter=delimiter, strict=True))
    expected = [[text, f"c{place:03}", text] for place, text in enumerate(values)]
    assert found == [list(form.columns)] * header + expected


def test_hostile_values_stay_whole_in_json_lines_and_parquet(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = members(
        connection,
        *(
            {
                "customer_id": f"c{place:03}",
                "identifier": text,
                "variables": json.dumps({"name": text}),
            }
            for place, text in enumerate(HOSTILE)
        ),
    )
    content = written(tmp_path / "x.jsonl", ready_form("jsonl"), connection, rows)
    records = [json.loads(line) for line in content.split(b"\n")[:-1]]
    assert [record["identifier"] for record in records] == HOSTILE
    assert [record["variables"]["name"] for record in records] == HOSTILE
    written(tmp_path / "x.parquet", ready_form("parquet"), connection, rows)
    found = connection.sql(
        f"select identifier from read_parquet('{tmp_path}/x.parquet')"
    )
    assert [text for (text,) in found.fetchall()] == HOSTILE


def test_files_that_people_open_run_no_formula(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    form = FileForm(
        columns={
            "name": "variables.name",
            "fixed": "=-10%",
            "identifier": "identifier",
            "of": "identifier of sms",
        }
    )
    assert form.spreadsheet_safe
    rows = members(
        connection,
        *(
            {
                "customer_id": f"c{place:03}",
                "identifier": "+821012345678",
                "variables": json.dumps({"name": text}),
            }
            for place, text in enumerate(HOSTILE)
        ),
        {"customer_id": "d", "identifier": "=cmd()", "variables": "{}"},
    )
    content = written(tmp_path / "x.csv", form, connection, rows).decode()
    *found, last = list(csv.reader(io.StringIO(content, newline="")))[1:]
    for text, row in zip(HOSTILE, found, strict=True):
        is_formula = text.lstrip(" \t\u3000\ufeff")[:1] in tuple("=+-@＝＋－＠")
        assert row[0] == ("'" + text if is_formula and text.strip() else text), text
        assert row[1:] == ["-10%", "+821012345678", "+821012345678"]
    assert last == ["", "-10%", "'=cmd()", "'=cmd()"]


@pytest.mark.parametrize("name", ["meta_csv", "google_csv", "tiktok_csv"])
@pytest.mark.parametrize(
    "raw",
    [
        *(CANARY, "+821012345678", "01012345678", HASH_OF_NOTHING, HASH[:-1]),
        *("x" * 64, ("canary@" + "x" * 64)[:64], ("가" * 22)[:64]),
    ],
)
def test_a_raw_value_never_reaches_a_hashed_column(
    raw: str, name: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = members(
        connection,
        {"customer_id": "c1", "identifier": HASH, "channel": "ads"},
        {"customer_id": "c2", "identifier": raw, "channel": "ads"},
    )
    form = ready_form(name)
    if name == "google_csv":
        form = form.model_copy(
            update={"columns": {**form.columns, "Email": "identifier"}}
        )
    with pytest.raises(WriteFailed) as caught:
        write_rows(tmp_path / "x.csv", form, connection, "members", rows)
    assert "in 1 rows" in str(caught.value)
    assert raw not in str(caught.value) and caught.value.__context__ is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["default", "jsonl", "parquet"])
def test_the_hash_of_nothing_is_written_nowhere(
    name: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = members(connection, {"customer_id": "c1", "identifier": HASH_OF_NOTHING})
    with pytest.raises(WriteFailed, match="hash of nothing"):
        write_rows(tmp_path / "x", ready_form(name), connection, "members", rows)
    assert list(tmp_path.iterdir()) == []


def test_rows_that_cp949_lacks_are_told_and_never_written_as_question_marks(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    form = ready_form("sms_vendor")
    texts = {
        "emoji": "세일 😀",
        "euro": "10€",
        "latin": "café",
        "loose": "\u1112\u1162\u0301",
        "nfc": "한글 봄 ™ ㉿ 뷁",
        "nfd": NFD,
        "none": None,
    }
    rows = members(
        connection,
        *(
            {"customer_id": one, "identifier": "01012345678", "text": text}
            for one, text in texts.items()
        ),
    )
    assert unmappable(connection, "members", form) == ["emoji", "latin", "loose"]
    assert unmappable(connection, "members", ready_form("alimtalk_vendor")) == []
    with pytest.raises(WriteFailed) as caught:
        write_rows(tmp_path / "x.csv", form, connection, "members", rows)
    assert "😀" not in str(caught.value) and caught.value.__cause__ is None
    assert list(tmp_path.iterdir()) == []
    connection.sql(
        "delete from members where customer_id in ('emoji', 'latin', 'loose')"
    )
    content = written(tmp_path / "x.csv", form, connection, 4).decode("cp949")
    assert [row[3] for row in csv.reader(io.StringIO(content, newline=""))][1:] == [
        *("10€", "한글 봄 ™ ㉿ 뷁", "한글", "")
    ]


@pytest.mark.parametrize("name", ["default", "jsonl", "parquet", "sms_vendor"])
def test_the_same_rows_make_the_same_bytes(
    name: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    connection.sql(
        """
        create table members as
        select
            'win_back' as audience, 'c' || lpad(number::varchar, 7, '0') as customer_id,
            'sms' as channel, '0101' || number as identifier, 'ad' as message_class,
            'spring' as campaign_id, null::varchar as arm,
            json_object('name', 'n' || number)::varchar as variables,
            '안내' as text, null::varchar as subject, 'SMS' as message_type
        from range(210000) as numbers (number)
        """
        if name == "parquet"
        else """
        create table members as
        select
            'win_back' as audience, 'c' || lpad(number::varchar, 7, '0') as customer_id,
            'sms' as channel, '0101' || number as identifier, 'ad' as message_class,
            'spring' as campaign_id, null::varchar as arm, null::varchar as variables,
            '안내' as text, null::varchar as subject, 'SMS' as message_type
        from range(30000) as numbers (number)
        """
    )
    rows = 210_000 if name == "parquet" else 30_000
    form = ready_form(name)
    digests = set()
    for place, (threads, order) in enumerate([(1, "asc"), (2, "desc"), (4, "asc")]):
        connection.sql(f"set threads = {threads}")
        connection.sql(
            "create or replace table members as select * from members"
            f" order by identifier {order}"
        )
        path = tmp_path / f"{place}{form.suffix}"
        digests.add(write_rows(path, form, connection, "members", rows).sha256)
    assert len(digests) == 1


@pytest.mark.parametrize("name", [*GOLDEN, "parquet"])
def test_dropped_rows_leave_and_all_else_stays_as_it_was(
    name: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    form = ready_form(name)
    is_hashed = bool(form.hashed)
    texts = ["첫째\n줄", 'say "hi"\n', '"', "", "민지", "a,b", "끝"]
    rows = [
        {
            "customer_id": f"c{place}",
            "identifier": hashlib.sha256(text.encode() + b"x").hexdigest()
            if is_hashed
            else f"0101234567{place}",
            "channel": "ads" if is_hashed else "alimtalk",
            "text": text,
            "campaign_id": text if not is_hashed else "spring",
            "variables": json.dumps({"name": text}),
        }
        for place, text in enumerate(texts, start=1)
    ]
    for places in (set(), {1}, {2, 3}, {7}, {1, 7}, set(range(1, 8))):
        path = tmp_path / f"x{form.suffix}"
        before = written(path, form, connection, members(connection, *rows))
        left = [row for place, row in enumerate(rows, 1) if place not in places]
        said = drop_rows(path, form, places)
        assert path.read_bytes() == before
        put_in_place(path)
        after = path.read_bytes()
        assert (said.rows, said.bytes) == (len(left), len(after))
        assert said.sha256 == hashlib.sha256(after).hexdigest()
        alone = tmp_path / f"alone{form.suffix}"
        assert after == written(alone, form, connection, members(connection, *left))


@pytest.mark.parametrize("name", ["default", "sms_vendor", "parquet"])
def test_places_follow_the_customers_whatever_the_guard_makes_of_them(
    name: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    form = ready_form(name)
    if name == "default":
        swapped = {**form.columns, "identifier": "customer_id", "audience": "arm"}
        form = form.model_copy(update={"columns": swapped})
    customers = ["9", "=1", "-2", "A", "＝3", "가"]
    rows = [
        {"customer_id": one, "identifier": f"0101234567{place}", "text": "x"}
        for place, one in enumerate(customers)
    ]
    path = tmp_path / "x"
    written(path, form, connection, members(connection, *rows))
    (place,) = connection.sql(
        "select place from (select customer_id, row_number() over"
        " (order by customer_id) as place from members) where customer_id = '=1'"
    ).fetchone() or (0,)
    drop_rows(path, form, [place])
    put_in_place(path)
    left = [row for row in rows if row["customer_id"] != "=1"]
    alone = written(tmp_path / "alone", form, connection, members(connection, *left))
    assert path.read_bytes() == alone


def test_a_form_that_takes_a_message_says_so_when_there_is_none(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    members(connection)
    connection.sql("create table bare as select * exclude (text, subject) from members")
    form = ready_form("sms_vendor")
    for write in (
        lambda: write_rows(tmp_path / "x", form, connection, "bare", 0),
        lambda: unmappable(connection, "bare", form),
    ):
        with pytest.raises(WrongSpec, match="takes subject, text,"):
            write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["default", "jsonl", "parquet"])
@pytest.mark.parametrize("place", [0, -1, 3])
def test_a_place_that_is_not_there_stops_the_dropping(
    place: int, name: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    form = ready_form(name)
    path = tmp_path / "x"
    written(path, form, connection, members(connection, *two(PHONES, "sms")))
    with pytest.raises(WriteFailed, match="beyond"):
        drop_rows(path, form, [1, place])
    assert [one.name for one in tmp_path.iterdir()] == ["x"]


def test_a_file_of_another_form_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"other,header\n1,2\n")
    with pytest.raises(WriteFailed, match="another header"):
        drop_rows(path, ready_form("default"), [1])
    assert [one.name for one in tmp_path.iterdir()] == ["x.csv"]


def test_a_record_of_one_empty_cell_is_no_blank_line(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    names = ["민지", None, "", "x"]
    rows = members(
        connection,
        *(
            {
                "customer_id": f"c{place}",
                "identifier": "1",
                "variables": json.dumps({"name": name}),
            }
            for place, name in enumerate(names)
        ),
    )
    form = FileForm(columns={"name": "variables.name"})
    content = written(tmp_path / "x.csv", form, connection, rows).decode()
    assert content == 'name\n민지\n""\n""\nx\n'


@pytest.mark.parametrize("name", [*GOLDEN, "parquet"])
def test_an_audience_of_nobody_is_a_file_without_rows(
    name: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    members(connection)
    form = ready_form(name)
    path = tmp_path / "x"
    written(path, form, connection, 0)
    assert drop_rows(path, form, []).rows == 0


def test_fewer_rows_than_were_decided_stop_the_file(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = members(connection, *two(PHONES, "sms"))
    with pytest.raises(WriteFailed, match="2 rows instead of 3"):
        write_rows(tmp_path / "x", ready_form("jsonl"), connection, "members", rows + 1)


@pytest.mark.parametrize("name", ["default", "sms_vendor", "jsonl", "parquet"])
def test_a_full_disk_leaves_the_old_file_and_no_half(
    name: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    form = ready_form(name)
    path = tmp_path / "x"
    before = written(path, form, connection, members(connection, *two(PHONES, "sms")))
    rows = members(
        connection,
        *(
            {
                "customer_id": hashlib.sha256(f"c{place}".encode()).hexdigest(),
                "identifier": hashlib.sha256(f"i{place}".encode()).hexdigest()[:20],
                "text": "안내" * 99,
            }
            for place in range(300)
        ),
    )
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OSError) as caught:
            write_rows(path, form, connection, "members", rows)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.strerror == os.strerror(caught.value.errno or 0)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["x"]


def test_a_temporary_file_that_is_there_is_not_followed(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = members(connection, *two(PHONES, "sms"))
    target = tmp_path / "elsewhere"
    target.write_text("mine", encoding="utf-8")
    path = tmp_path / "x.csv"
    temporary(path).symlink_to(target)
    with pytest.raises(FileExistsError):
        write_rows(path, ready_form("default"), connection, "members", rows)
    assert target.read_text(encoding="utf-8") == "mine"


def test_variables_that_are_no_json_are_not_shown(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = members(
        connection,
        {"customer_id": "c1", "identifier": "1", "variables": "{" + CANARY},
    )
    with pytest.raises(WriteFailed) as caught:
        write_rows(tmp_path / "x", ready_form("jsonl"), connection, "members", rows)
    assert CANARY not in str(caught.value)
    assert caught.value.__suppress_context__ and caught.value.__cause__ is None
    assert list(tmp_path.iterdir()) == []


def test_hostile_paths_are_paths(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = members(connection, *two(PHONES, "sms"))
    folder = tmp_path / "it's [a] 'folder'; -- *?"
    folder.mkdir()
    for name in ("default", "jsonl", "parquet"):
        form = ready_form(name)
        path = folder / f"x.gz{form.suffix}"
        content = written(path, form, connection, rows)
        assert drop_rows(path, form, [1]).rows == 1
        assert temporary(path).read_bytes() != content


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"columns": {}}, "at least 1"),
        ({"columns": {"a": "identifer"}}, "did you mean identifier"),
        ({"columns": {"a": "variables.a b"}}, "no source"),
        ({"columns": {"a": "variables.a'b"}}, "no source"),
        ({"columns": {"a": "identifier of 'sms'"}}, "no source"),
        ({"columns": {"a": "arm", "A": "arm"}}, "same header"),
        ({"columns": {"=a": "arm"}}, "like a formula"),
        ({"columns": {"a\nb": "arm"}}, "cannot be printed"),
        ({"columns": {"a": "=x\ny"}}, "cannot be printed"),
        ({"columns": {"a": "arm"}, "hashed": ["b"]}, "no column"),
        (
            {"columns": {"a": "arm"}, "hashed": ["a"], "spreadsheet_safe": True},
            "people",
        ),
        ({"columns": {"a": "arm"}, "hashed": ["a"], "encoding": "cp949"}, "utf-8"),
        ({"columns": {"😀": "arm"}, "encoding": "cp949"}, "cp949 cannot say"),
        ({"columns": {"a": "=😀"}, "encoding": "cp949"}, "cp949 cannot say"),
        ({"columns": {"a": "arm"}, "format": "jsonl", "header": False}, "csv only"),
        (
            {"columns": {"a": "arm"}, "format": "parquet", "encoding": "cp949"},
            "csv only",
        ),
        ({"columns": {"a": "arm"}, "delimiter": "x"}, "Input should be"),
        ({"columns": {"a": "arm"}, "colums": {}}, "Extra inputs"),
    ],
)
def test_a_form_that_cannot_be_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        FileForm.model_validate(given)


def test_an_unknown_form_is_told_with_the_nearest_name() -> None:
    with pytest.raises(WrongSpec, match="sms_vendor"):
        ready_form("sms_vender")
