"""Pages of segments say what the public tables say, in HTML that everybody can read."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
import yaml

from customer_segments.pages import segment_pages
from customer_segments.pages.segment_pages import Day, line_of, rule_text
from tests.python.warehouse import AS_OF, Warehouse

VOID = {"meta", "br", "link", "img"}
HANGUL = re.compile(r"[가-힣]")


@dataclass
class Element:
    """An element, what stands around it, and the text in it."""

    tag: str
    attributes: dict[str, str]
    inside: list[Element]
    text: str = ""

    def is_in(self, name: str, value: str) -> bool:
        """Whether it, or what it stands in, has an attribute of this value."""
        return any(one.attributes.get(name) == value for one in [*self.inside, self])


class Reader(HTMLParser):
    """Reads HTML and refuses what a browser would have to repair."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[Element] = []
        self.elements: list[Element] = []
        self.texts: list[tuple[str, Element]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), self.getpos()
        given = {name: value or "" for name, value in attrs}
        element = Element(tag, given, list(self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop().tag == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((data, self.open[-1]))
            for element in self.open:
                element.text += data


@dataclass
class Site:
    """Pages as written, and as read."""

    folder: Path
    html: dict[str, str] = field(default_factory=dict)
    pages: dict[str, Reader] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in sorted(self.folder.iterdir()):
            self.html[path.name] = path.read_text("utf-8")
            reader = self.pages[path.name] = Reader()
            reader.feed(self.html[path.name])
            reader.close()
            assert not reader.open

    def find(self, page: str, tag: str) -> Iterator[Element]:
        """Elements of a page."""
        for element in self.pages[page].elements:
            if element.tag == tag:
                yield element

    def rows(self, page: str, section: str) -> list[list[str]]:
        """Body rows of the tables in a section, cell by cell."""
        cells: dict[int, list[str]] = {}
        for element in self.pages[page].elements:
            row = next((one for one in element.inside if one.tag == "tr"), None)
            if (
                element.tag in ("td", "th")
                and row is not None
                and any(one.tag == "tbody" for one in element.inside)
                and element.is_in("aria-labelledby", section)
            ):
                cells.setdefault(id(row), []).append(" ".join(element.text.split()))
        return list(cells.values())


def run(database: Path, out: Path) -> int:
    """Write the pages of a database."""
    return segment_pages.main(["--database", str(database), "--out", str(out)])


@pytest.fixture(scope="module")
def site(shop: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The pages of the sample."""
    folder = tmp_path_factory.mktemp("pages")
    assert run(shop.database, folder) == 0
    return Site(folder)


def test_a_segment_says_what_it_means_by_a_large_order(shop: Warehouse) -> None:
    told = "select segment, amount_above from segments where amount_above is not null"
    amounts = "select big_basket_amount, high_ticket_amount from order_amounts"
    [(big_basket, high_ticket)] = shop.query(amounts)
    assert sorted(shop.query(told)) == [
        ("big_basket", big_basket),
        ("high_ticket", high_ticket),
    ]
    assert 0 < big_basket < high_ticket


def test_every_segment_of_the_build_has_a_page(shop: Warehouse, site: Site) -> None:
    """And the first page links to each, with its size."""
    sizes = dict(shop.query("select segment, customer_count from segments"))
    files = {f"segment-{name}.html" for name in sizes}
    assert set(site.html) == files | {"index.html"}
    linked = [one.attributes["href"] for one in site.find("index.html", "a")]
    assert sorted(one for one in linked if not one.startswith("#")) == sorted(files)
    text = " ".join(site.html["index.html"].split())
    for name, size in sizes.items():
        assert re.search(
            rf'<code>{name}</code></th> <td class="number">{size:,}</td>', text
        )


def test_every_link_leads_somewhere(site: Site) -> None:
    """To a page that is there or a place in the same page; nothing from outside."""
    for page, reader in site.pages.items():
        ids = [
            one.attributes["id"] for one in reader.elements if "id" in one.attributes
        ]
        assert len(set(ids)) == len(ids)
        for element in reader.elements:
            assert not {"src", "onclick"} & set(element.attributes)
            assert element.tag not in ("script", "link", "iframe")
            label = element.attributes.get("aria-labelledby")
            assert label is None or label in ids
            target = element.attributes.get("href")
            if target is not None:
                place = target.removeprefix("#")
                assert place in (ids if target.startswith("#") else site.html), page


def test_pages_can_be_read_aloud(site: Site) -> None:
    """Language, headings without gaps, captions, scopes, names of pictures."""
    for page, reader in site.pages.items():
        [html] = site.find(page, "html")
        assert html.attributes["lang"] == "en"
        assert len(list(site.find(page, "main"))) == 1
        titles = [
            one for one in site.find(page, "title") if one.inside[-1].tag == "head"
        ]
        assert len(titles) == 1 and titles[0].text.strip()
        tags = [one.tag for one in reader.elements]
        levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(now - before <= 1 for before, now in pairwise(levels))
        tables = list(site.find(page, "table"))
        captions = [one for one in site.find(page, "caption") if one.text.strip()]
        assert len(tables) == len(captions) >= 1
        assert all(one.attributes.get("scope") for one in site.find(page, "th"))
        for picture in site.find(page, "svg"):
            assert picture.attributes["role"] == "img"
            assert picture.attributes["aria-label"]


def test_korean_is_marked_as_korean(site: Site) -> None:
    """So that it is read and broken into lines as Korean."""
    seen = 0
    for page, reader in site.pages.items():
        assert ":lang(ko) { word-break: keep-all" in site.html[page]
        for text, element in reader.texts:
            # an English sentence may quote a Korean value of a rule
            is_korean = len(HANGUL.findall(text)) > len(re.findall("[A-Za-z]", text))
            if is_korean and element.tag not in ("title", "code"):
                assert element.is_in("lang", "ko"), (page, text)
                seen += 1
    assert seen > 1000


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("ground", ["soft", "white"])
@pytest.mark.parametrize("ink", ["ink", "quiet", "bar"])
def test_text_stands_out(site: Site, ink: str, ground: str) -> None:
    """A contrast of 4.5 to 1, which WCAG 2 AA asks of small text."""
    colours = dict(re.findall(r"--(\w+): (#\w+)", site.html["index.html"]))
    colours["white"] = "#ffffff"
    dark, light = luminance(colours[ink]), luminance(colours[ground])
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_a_page_says_what_the_tables_say(shop: Warehouse, site: Site) -> None:
    """Size over the days, the waterfall and texts, as numbers of the build."""
    page = "segment-hesitating.html"
    [(*texts, words_en, words_ko, version)] = shop.query(
        "select label_en, label_ko, situation_en, situation_ko, need_en, need_ko, "
        "message_en, message_ko, owner, rule_in_words_en, rule_in_words_ko, version "
        "from segments where segment = 'hesitating'"
    )
    [body] = site.find(page, "body")
    for text in (*texts, words_en, words_ko, version):
        assert text in body.text
    days = shop.query(
        'select as_of_date, customer_count, entered, "left" from segment_sizes '
        "where segment = 'hesitating' order by as_of_date desc"
    )
    assert site.rows(page, "size") == [
        [str(day), *(f"{number:,}" for number in numbers)] for day, *numbers in days
    ]
    steps = shop.query(
        "select condition_number, condition_en || condition_ko, met_count, "
        "remaining_count from segment_waterfall where segment = 'hesitating' "
        "order by condition_number"
    )
    assert len(steps) > 1
    assert site.rows(page, "rule") == [
        [str(number), words, f"{met:,}", f"{left:,}", ""]
        for number, words, met, left in steps
    ]
    [(candidates,)] = shop.query(
        "select count(*) from customers where is_segment_candidate"
    )
    bars = [
        one.attributes["style"]
        for one in site.find(page, "span")
        if one.attributes.get("class") == "bar"
    ]
    assert bars == [f"width: {100 * left / candidates:.1f}%" for *_, left in steps]


def test_overlaps_of_few_are_not_shown(shop: Warehouse, site: Site) -> None:
    """The most alike first, counted as sets; no group of fewer than ten can be told."""
    members: dict[str, set[str]] = {}
    pairs = shop.query("select segment, customer_id from segment_members")
    for name, customer in pairs:
        members.setdefault(name, set()).add(customer)
    [(candidates,)] = shop.query(
        "select count(*) from customers where is_segment_candidate"
    )
    few = 0
    for name, own in members.items():
        ranked = []
        for other, them in members.items():
            neither = candidates - len(own | them)
            groups = (len(own & them), len(own - them), len(them - own), neither)
            if other == name or not groups[0]:
                continue
            if any(0 < group < 10 for group in groups):
                few += 1
                continue
            ranked.append((-groups[0] / len(own | them), other, groups[0]))
        ranked = sorted(ranked)[:10]
        page = f"segment-{name}.html"
        links = [
            one.attributes["href"]
            for one in site.find(page, "a")
            if one.is_in("aria-labelledby", "overlap")
        ]
        counts = [row[1] for row in site.rows(page, "overlap")]
        assert links == [f"segment-{other}.html" for _, other, _ in ranked]
        assert counts == [f"{both:,}" for *_, both in ranked]
    assert few > 10


def test_where_a_segment_is_used_is_said(site: Site) -> None:
    """Audiences that take it or leave it out, and segments that refer to it."""
    taken = " ".join(map(str, site.rows("segment-stage_prospect.html", "use")))
    assert "First purchase coupon" in taken and "Its members are in it" in taken
    left_out = " ".join(map(str, site.rows("segment-sleeping.html", "use")))
    assert (
        "First purchase coupon" in left_out and "Its members are left out" in left_out
    )
    for page, other in (
        ("new_profile_incomplete", "new_signup"),
        ("new_signup", "new_profile_incomplete"),
    ):
        links = [
            one.attributes["href"]
            for one in site.find(f"segment-{page}.html", "a")
            if one.is_in("aria-labelledby", "use")
        ]
        assert f"segment-{other}.html" in links


def test_nobody_is_named(shop: Warehouse, site: Site) -> None:
    """No id, name, address or number of a customer is on any page."""
    personal = shop.query(
        "select unnest([customer_id, name, email, phone]) from customers"
    )
    texts = {text for (text,) in personal if text and len(text) > 1}
    assert len(texts) > 1000
    whole = "\n".join(site.html.values())
    assert not [text for text in texts if text in whole]


def test_the_same_build_gives_the_same_pages(
    shop: Warehouse, site: Site, tmp_path: Path
) -> None:
    """Byte for byte; what an earlier build left is removed, other files are not."""
    stale = site.html["segment-women.html"]
    (tmp_path / "segment-gone.html").write_text(stale, encoding="utf-8")
    (tmp_path / "mine.html").write_text("<p>mine</p>")
    assert run(shop.database, tmp_path) == 0
    assert (tmp_path / "mine.html").read_text() == "<p>mine</p>"
    (tmp_path / "mine.html").unlink()
    assert Site(tmp_path).html == site.html


def test_what_people_write_stays_text_and_changes_are_said(
    shop: Warehouse, tmp_path: Path
) -> None:
    """Markup in a text is shown; a rule that the build does not have yet is told of;
    a table of insights about segments is shown as it is."""
    path = tmp_path / "build.duckdb"
    shutil.copy(shop.database, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            update segments
            set situation_en = '<script>alert("x")</script> & more', version = 'older'
            where segment = 'women';
            insert into segments by name
            select 'gone' as segment, * exclude (segment)
            from segments
            where segment = 'women';
            drop view if exists segment_composition;
            drop view if exists segment_kpis;
            create or replace table segment_profile as
            select 'women' as segment, trait, share::decimal(5, 2) as share, effect_size
            from (values ('<b>small</b>', 0.5, 0.1), ('large', 0.25, -0.9))
                as given(trait, share, effect_size);
            create or replace table segment_kpis as
            select segment, customer_id from segment_members
            """
        )
    assert run(path, tmp_path / "pages") == 0
    site = Site(tmp_path / "pages")
    women, gone = site.html["segment-women.html"], site.html["segment-gone.html"]
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; more" in women
    assert "<script" not in women and "<b>" not in women
    assert "rule file has changed since this build" in women
    assert "No rule file defines this segment any more" in gone
    assert 'class="warning"' not in site.html["segment-men.html"]
    assert site.rows("segment-women.html", "segment_profile") == [
        ["large", "0.25", "-0.90"],
        ["<b>small</b>", "0.50", "0.10"],
    ]
    assert "segment_kpis" not in women


def test_rules_read_as_people_write_them() -> None:
    """A condition on a line, and the same rule when it is read again."""
    definition = {
        "name": "x",
        "parent": "women",
        "freeze": date(2026, 1, 1),
        "rule": {
            "all": [
                {"trait": "days_since_cart_add", "between": [1, 14]},
                {"none": [{"trait": "region", "in": ["NO", "서울", "1e3"]}]},
            ]
        },
    }
    text = rule_text(definition)
    assert "    - {trait: days_since_cart_add, between: [1, 14]}\n" in text
    assert yaml.safe_load(text) == {
        key: definition[key] for key in ("parent", "freeze", "rule")
    }


def test_lines_are_drawn_from_zero_and_in_time() -> None:
    """Two days apart is twice as far as one; nothing to draw before the second day."""
    days = [
        Day(date(2026, 1, 1), 0, 0, 0),
        Day(date(2026, 1, 2), 10, 10, 0),
        Day(date(2026, 1, 4), 5, 0, 5),
    ]
    line = line_of(days, 68, 28)
    assert line is not None and line.points == "4.0,24.0 24.0,4.0 64.0,14.0"
    assert line.end == ("64.0", "14.0")
    assert line_of(days[:1], 68, 28) is None
    empty = line_of([days[0], Day(date(2026, 1, 2), 0, 0, 0)], 68, 28)
    assert empty is not None and empty.points == "4.0,24.0 64.0,24.0"


def test_what_is_wrong_with_the_warehouse_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not there, no database, not built: 2; a build runs: 75; nothing is written."""
    path, out = tmp_path / "other.duckdb", tmp_path / "pages"
    assert run(path, out) == 2
    assert "run make demo or dbt build" in capsys.readouterr().err
    path.write_text("not a database" * 100)
    assert run(path, out) == 2
    assert "cannot be opened as a DuckDB database" in capsys.readouterr().err
    path.unlink()
    duckdb.connect(str(path)).close()
    assert run(path, out) == 2
    assert "it holds no build. Run dbt build" in capsys.readouterr().err
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table segment_runs as "
            f"select 1 as run_number, date '{AS_OF}' as as_of_date, true as is_in_force"
        )
    assert run(path, out) == 2
    assert "Run dbt build first" in capsys.readouterr().err
    script = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]);"
        " print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE
    ) as builder:
        assert builder.stdout is not None
        assert builder.stdout.readline() == b"held\n"
        code = run(path, out)
        builder.kill()
    assert code == 75
    assert "is open in process" in capsys.readouterr().err
    assert not out.exists()
