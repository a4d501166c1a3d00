"""Write a page for each segment of the built warehouse, in English and Korean.

Pages are files without scripts or outside links; the same build gives the same bytes.
They hold counts of the public tables, never a customer.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from customer_segments.build_record import (
    NotReadable,
    opened_build,
    read_record,
    refusal,
)
from customer_segments.loading.quoting import quote_text
from customer_segments.missing import what_to_load
from customer_segments.places import WAREHOUSE, database
from customer_segments.rules.project import SCHEMA, Relation
from customer_segments.rules.rendering import (
    Host,
    RenderingError,
    RuleError,
    open_project,
)
from customer_segments.rules.trial import NotBuilt, as_of, references
from customer_segments.terminal import console

TEMPLATES = Path(__file__).parent / "page_templates"
PAGES = WAREHOUSE / "pages" / "segments"
GENERATOR = "customer-segments: scripts/segment_pages.py"
DAYS_SHOWN = 14
OVERLAPS_SHOWN = 10
ROWS_SHOWN = 30

FAMILIES: Mapping[str, tuple[str, str]] = {
    "demographic": ("Who they are", "고객 특성"),
    "purchase": ("Purchase", "구매"),
    "value": ("Value", "고객 가치"),
    "lifecycle": ("Lifecycle", "생애주기"),
    "behaviour": ("Behaviour", "행동"),
    "risk": ("Risk", "위험 신호"),
    "underserved": ("Underserved", "미충족 수요"),
}
TEXTS = (
    ("situation", "Situation", "상황"),
    ("need", "Need", "고객 니즈"),
    ("message", "Message", "메시지 제안"),
)
# Public tables with rows about a segment, shown as they are where they are built.
EXTRAS = (
    ("segment_profile", "Profile", "세그먼트 특성(전체 고객 대비)"),
    ("segment_kpis", "Key figures", "주요 지표"),
    ("segment_composition", "Composition", "민감 속성 구성 점검"),
)


@dataclass(frozen=True)
class Both:
    """A text in both languages."""

    en: str
    ko: str


PARTS = {
    "any_of": Both("Its members are in it", "포함"),
    "all_of": Both("Only its members may be in it", "필수 조건"),
    "none_of": Both("Its members are left out", "제외"),
}


@dataclass(frozen=True)
class Text(Both):
    """What is said of a segment, under a heading."""

    text_en: str
    text_ko: str


@dataclass(frozen=True)
class Day:
    """Size of a segment at the end of a run's day, and who moved; None = no data."""

    day: date
    customers: int | None
    entered: int | None
    left: int | None


@dataclass(frozen=True)
class Step:
    """A condition of the waterfall; `share` of everybody is left after it.

    None = the segment has no data.
    """

    number: int
    en: str
    ko: str
    met: int | None
    left: int | None
    share: float


@dataclass(frozen=True)
class Overlap:
    """Another segment that shares members."""

    name: str
    both: int
    jaccard: float
    of_this: str
    of_that: str


@dataclass(frozen=True)
class Audience(Both):
    """An audience that names the segment, and how."""

    part: Both
    channel: Both
    sendable: int | None


@dataclass(frozen=True)
class Column:
    """A column of a table shown as it is."""

    name: str
    is_number: bool


@dataclass(frozen=True)
class Extra(Both):
    """Rows of a public table about a segment."""

    table: str
    columns: list[Column]
    rows: list[list[str]]


@dataclass(frozen=True)
class Line:
    """A sparkline in its own coordinates."""

    width: int
    height: int
    points: str
    end: tuple[str, str]


@dataclass
class Page:
    """What the page of a segment says."""

    name: str
    family: Both
    label_en: str
    label_ko: str
    version: str
    metric: str
    owner: str
    words_en: str
    words_ko: str
    customers: int | None
    missing: Both | None
    share: str
    texts: list[Text]
    notes: list[Both] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    line: Line | None = None
    small: Line | None = None
    rule_yaml: str = ""
    rule_file: str = ""
    has_changed: bool = False
    steps: list[Step] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)
    audiences: list[Audience] = field(default_factory=list)
    refers_to: list[str] = field(default_factory=list)
    referred_by: list[str] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)

    @property
    def file(self) -> str:
        """The page's file; a segment may be called index."""
        return f"segment-{self.name}.html"


def percent(part: int | None, whole: int) -> str:
    """A share of a whole."""
    return f"{100 * part / whole:.1f} %" if whole and part is not None else "–"


def shown(value: object) -> str:
    """A value of a table shown as it is."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return f"{value:,.2f}"
    return str(value)


def line_of(days: Sequence[Day], width: int, height: int) -> Line | None:
    """Sizes over time from zero up; None for fewer than two known days."""
    sizes = [(one.day, one.customers) for one in days if one.customers is not None]
    if len(sizes) < 2:
        return None
    first, last = sizes[0][0], sizes[-1][0]
    most = max(customers for _, customers in sizes) or 1
    places = [
        (
            f"{4 + (width - 8) * (day - first).days / (last - first).days:.1f}",
            f"{height - 4 - (height - 8) * customers / most:.1f}",
        )
        for day, customers in sizes
    ]
    return Line(width, height, " ".join(",".join(one) for one in places), places[-1])


class RuleDumper(yaml.SafeDumper):
    """Writes rules as people do: a condition on one line, a group over several."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write what is said twice twice."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key."""
        super().increase_indent(flow, False)

    def represent_mapping(
        self, tag: str, mapping: Any, flow_style: bool | None = None
    ) -> yaml.MappingNode:
        """A mapping; what holds a group takes several lines."""
        is_long = bool({"all", "any", "none", "rule", "freeze"} & set(mapping))
        return super().represent_mapping(tag, mapping, flow_style=not is_long)


def rule_text(definition: Mapping[str, Any]) -> str:
    """What decides who is in a segment, as YAML."""
    decides = ("parent", "freeze", "explicit_signals_only", "rule")
    kept = {key: definition[key] for key in decides if definition.get(key)}
    return yaml.dump(
        kept,
        Dumper=RuleDumper,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=False,
        width=1000,
    )


class Build:
    """The public tables of a built warehouse, and the definitions in the files."""

    def __init__(self, host: Host) -> None:
        self.host = host
        assert host.connection is not None
        self.as_of = as_of(host.connection, host.database)
        self.record = read_record(host.connection, host.database)
        self.tables = {
            name
            for (name,) in self.rows(
                "select table_name from information_schema.tables where"
                f" table_catalog = {quote_text(host.database)}"
                f" and table_schema = {quote_text(SCHEMA)}"
            )
        }
        [(self.candidates,)] = self.rows(
            f"select count(*) from {host.ref('customers')} where is_segment_candidate"
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return self.host.run_query(sql).rows

    def pages(self) -> dict[str, Page]:
        """A page for each segment of the build, by name in the order of families."""
        ranks = {name: rank for rank, name in enumerate(FAMILIES)}
        answer = self.host.run_query(f"select * from {self.host.ref('segments')}")
        told = [dict(zip(answer.column_names, row, strict=True)) for row in answer.rows]
        told.sort(
            key=lambda one: (
                ranks.get(one["family"], len(ranks)),
                one["family"],
                one["missing_data"] is not None,
                -(one["customer_count"] or 0),
                one["segment"],
            )
        )
        pages = {one["segment"]: self.page(one) for one in told}
        self.add_days(pages)
        self.add_definitions(pages)
        self.add_steps(pages)
        self.add_overlaps(pages)
        self.add_audiences(pages)
        for table, en, ko in EXTRAS:
            if table in self.tables:
                self.add_extra(pages, table, en, ko)
        return pages

    def page(self, told: Mapping[str, Any]) -> Page:
        """What the table `segments` says of a segment."""
        notes = []
        if told["parent"]:
            notes.append(
                Both(
                    f"Narrows down {told['parent']}.", f"{told['parent']}의 일부입니다."
                )
            )
        if told["frozen_on"]:
            notes.append(
                Both(
                    f"A cohort fixed on {told['frozen_on']}.",
                    f"{told['frozen_on']}에 고정한 코호트입니다.",
                )
            )
        if told["amount_above"] is not None:
            notes.append(
                Both(
                    f"A large order is more than {told['amount_above']:,.2f} here.",
                    f"{told['amount_above']:,.0f}을(를) 넘는 금액을 말합니다.",
                )
            )
        if told["thresholds_en"] is not None:
            notes.append(
                Both(
                    f"Here and today: {told['thresholds_en']}.",
                    f"현재 기준: {told['thresholds_ko']}",
                )
            )
        notes.append(
            Both(
                "The message is advertising and needs consent.",
                "광고성 메시지이므로 수신 동의가 필요합니다.",
            )
            if told["is_advertising"]
            else Both(
                "The message is information: no offer belongs in it.",
                "정보성 메시지이므로 혜택을 담지 않습니다.",
            )
        )
        if told["is_explicit_only"]:
            notes.append(
                Both(
                    "Asks only for what customers gave or did to be remembered.",
                    "고객이 직접 입력한 정보와 찜·좋아요·후기처럼 스스로 의사를 "
                    "밝힌 행동만 사용합니다.",
                )
            )
        return Page(
            name=told["segment"],
            family=Both(*FAMILIES.get(told["family"], (told["family"],) * 2)),
            label_en=told["label_en"],
            label_ko=told["label_ko"],
            version=told["version"],
            metric=told["metric"],
            owner=told["owner"],
            words_en=told["rule_in_words_en"],
            words_ko=told["rule_in_words_ko"],
            customers=told["customer_count"],
            missing=Both(
                *(what_to_load(told["missing_data"], each) for each in ("en", "ko"))
            )
            if told["missing_data"]
            else None,
            share=percent(told["customer_count"], self.candidates),
            texts=[
                Text(en, ko, told[f"{key}_en"], told[f"{key}_ko"])
                for key, en, ko in TEXTS
            ],
            notes=notes,
        )

    def add_days(self, pages: Mapping[str, Page]) -> None:
        """Sizes over the run days."""
        for name, *day in self.rows(
            'select segment, as_of_date, customer_count, entered, "left" '
            f"from {self.host.ref('segment_sizes')} order by segment, as_of_date"
        ):
            if name in pages:
                pages[name].days.append(Day(*day))
        for page in pages.values():
            page.line = line_of(page.days, 640, 96)
            page.small = line_of(page.days, 120, 28)

    def add_definitions(self, pages: Mapping[str, Page]) -> None:
        """Rules as the files say them now, and whom they refer to."""
        for one in self.host.call("resolved_segments"):
            page = pages.get(one["name"])
            if page is None:
                continue
            page.rule_yaml = rule_text(one["text"])
            page.rule_file = one["at"]["file"]
            version = self.host.call("rule_version", one["rule"])
            page.has_changed = version != page.version
            page.refers_to = references(one["text"])
            rolling = one.get("frozen_of")
            if rolling:
                page.rule_yaml = rule_text({"freeze": one["frozen_on"]})
                page.refers_to = [rolling]
        for name, page in pages.items():
            for other in page.refers_to:
                if other in pages:
                    pages[other].referred_by.append(name)

    def add_steps(self, pages: Mapping[str, Page]) -> None:
        """The waterfall."""
        for name, number, en, ko, met, left in self.rows(
            "select segment, condition_number, condition_en, condition_ko, met_count, "
            f"remaining_count from {self.host.ref('segment_waterfall')} "
            "order by segment, condition_number"
        ):
            if name in pages:
                share = (left or 0) / self.candidates if self.candidates else 0.0
                pages[name].steps.append(Step(number, en, ko, met, left, share))

    def add_overlaps(self, pages: Mapping[str, Page]) -> None:
        """Segments that share members, the most alike first; never what is withheld."""
        pairs = self.host.ref("segment_overlap")
        for name, other, both, jaccard, of_this, of_that in self.rows(
            f"""
            select segment_a, segment_b, shared_count, jaccard, share_of_a, share_of_b
            from {pairs}
            where shared_count > 0

            union all

            select segment_b, segment_a, shared_count, jaccard, share_of_b, share_of_a
            from {pairs}
            where shared_count > 0
            """
        ):
            if name in pages:
                pages[name].overlaps.append(
                    Overlap(
                        other,
                        both,
                        jaccard,
                        f"{100 * of_this:.1f} %",
                        f"{100 * of_that:.1f} %",
                    )
                )
        for page in pages.values():
            page.overlaps.sort(key=lambda one: (-one.jaccard, one.name))
            del page.overlaps[OVERLAPS_SHOWN:]

    def add_audiences(self, pages: Mapping[str, Page]) -> None:
        """Audiences that name a segment."""
        sendable = dict(
            self.rows(
                f"select audience, sendable_count from {self.host.ref('audiences')}"
            )
        )
        channels = {
            name: Both(*labels)
            for name, *labels in self.rows(
                "select channel, label_en, label_ko "
                f"from {self.host.ref('channels')} order by channel"
            )
        }
        for audience in self.host.call("audience_definitions"):
            for part, names in audience["segments"].items():
                for name in names or []:
                    if name in pages:
                        pages[name].audiences.append(
                            Audience(
                                audience["label"]["en"],
                                audience["label"]["ko"],
                                PARTS[part],
                                channels[audience["channel"]],
                                sendable.get(audience["name"]),
                            )
                        )

    def add_extra(
        self, pages: Mapping[str, Page], table: str, en: str, ko: str
    ) -> None:
        """Rows of a table as they are, unless they are about single customers."""
        relation = Relation(self.host.database, SCHEMA, table)
        answer = self.host.run_query(f"select * from {relation} order by all")
        names = answer.column_names
        if "segment" not in names or "customer_id" in names:
            return
        if "as_of_date" in names:
            place = names.index("as_of_date")
            answer.rows.sort(key=lambda row: row[place], reverse=True)
        if "effect_size" in names:
            place = names.index("effect_size")
            answer.rows.sort(key=lambda row: -abs(row[place] or 0))
        own = names.index("segment")
        kept: dict[str, list[tuple[Any, ...]]] = {}
        for row in answer.rows:
            about = kept.setdefault(row[own], [])
            if len(about) < ROWS_SHOWN:
                about.append(row[:own] + row[own + 1 :])
        for name, rows in kept.items():
            if name in pages:
                columns = [
                    Column(
                        column.replace("_", " "),
                        any(
                            isinstance(row[place], int | float | Decimal)
                            and not isinstance(row[place], bool)
                            for row in rows
                        ),
                    )
                    for place, column in enumerate(names[:own] + names[own + 1 :])
                ]
                told = [[shown(value) for value in row] for row in rows]
                pages[name].extras.append(Extra(en, ko, table, columns, told))


@dataclass(frozen=True)
class Listed(Both):
    """A family on the first page."""

    name: str
    pages: list[Page]


def rendered(build: Build) -> Iterator[tuple[str, str]]:
    """File names and their HTML, the first page first."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["shown"] = shown
    environment.tests["korean"] = lambda text: any("가" <= one <= "힣" for one in text)
    pages = build.pages()
    families: dict[Both, list[Page]] = {}
    for page in pages.values():
        families.setdefault(page.family, []).append(page)
    given = {
        "generator": GENERATOR,
        "as_of": build.as_of,
        "record": build.record,
        "candidates": build.candidates,
        "days_shown": DAYS_SHOWN,
        "minimum": build.host.project.variables["k_minimum"],
        "pages": pages,
        "families": [
            Listed(family.en, family.ko, str(number), listed)
            for number, (family, listed) in enumerate(families.items(), start=1)
        ],
    }
    yield "index.html", environment.get_template("index.html").render(given)
    template = environment.get_template("segment.html")
    for page in pages.values():
        yield page.file, template.render(given, page=page)


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Put the files into a folder, in place of all that were written there before."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.html"):
        if path.name not in files and GENERATOR in path.read_text("utf-8"):
            path.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Write the pages; 0 done, 2 no warehouse or a bad rule in the files, 75 busy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, default=database())
    parser.add_argument("--out", type=Path, default=PAGES, metavar="FOLDER")
    options = parser.parse_args(argv)
    path = options.database.resolve()
    try:
        with opened_build(path, console()) as (connection, name):
            host = Host(
                open_project(),
                database=name,
                connection=connection,
                variables={"as_of_date": as_of(connection, name).isoformat()},
                command="run",
            )
            files = dict(rendered(Build(host)))
    except (RuleError, RenderingError) as error:
        print(error, file=sys.stderr)
        return 2
    except NotBuilt as error:
        print(f"{path}: {error}. Run dbt build first.", file=sys.stderr)
        return 2
    except (NotReadable, duckdb.CatalogException, duckdb.BinderException) as error:
        return refusal(path, error)
    write(options.out, files)
    print(f"{len(files) - 1} segments: {options.out / 'index.html'}")
    return 0
