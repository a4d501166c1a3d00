"""A preview counts what a build would count, and says what is wrong with a rule."""

from __future__ import annotations

import itertools
import json
import random
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from customer_segments.build_record import opened_build
from customer_segments.rules import preview_segment
from customer_segments.rules.hiding import told_counts
from customer_segments.rules.project import Project
from customer_segments.rules.rendering import open_project
from customer_segments.rules.trial import Built, Trial, try_segments
from tests.python.warehouse import AS_OF, ROOT, Warehouse

TEXT = {"en": "text [in] brackets", "ko": "글"}
RULE = {
    "all": [
        {"trait": "open_cart_items", "at_least": 1},
        {"event": "product_view", "within_days": 60, "at_least": 2},
        {"none": [{"segment": "sleeping"}]},
    ]
}
MEETS = (
    "open_cart_items >= 1",
    f"""customer_id in (
        select customer_id
        from customer_days
        where active_on > date '{AS_OF}' - 60
        group by customer_id
        having sum(product_view_count) >= 2
    )""",
    "activity_state is distinct from 'dormant'",
)


def segment(rule: Any = RULE, **changes: Any) -> dict[str, Any]:
    """A complete segment."""
    return {
        "name": "tried",
        "label": {"en": "Tried", "ko": "시험"},
        **dict.fromkeys(("situation", "need", "message"), TEXT),
        "metric": "open_rate",
        "owner": "crm",
        "rule": rule,
        **changes,
    }


@dataclass(frozen=True)
class Told:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


class Previews:
    """Rule files, and the command that tries them on the sample."""

    def __init__(
        self, shop: Warehouse, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.shop = shop
        self.file = folder / "rule.yml"
        self.capsys = capsys

    def tell(self, content: Any, *options: str) -> Told:
        """Preview a file with this content: text as it is, else as YAML."""
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        self.file.write_text(text, encoding="utf-8")
        return self.run(self.file, *options)

    def run(self, file: Path, *options: str, database: Path | None = None) -> Told:
        """Preview a file."""
        where = ("--database", str(database or self.shop.database))
        code = preview_segment.main([str(file), *where, *options])
        captured = self.capsys.readouterr()
        return Told(code, captured.out, captured.err)


@pytest.fixture
def previews(
    shop: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Previews:
    """Previews on the sample."""
    return Previews(shop, tmp_path, capsys)


@pytest.fixture(scope="module")
def project() -> Project:
    """This project."""
    return open_project()


def trials(shop: Warehouse, project: Project, *segments: Any) -> list[Trial]:
    """Segments tried on the sample."""
    with opened_build(shop.database) as (connection, database):
        tried = try_segments(
            project, Path("rule.yml"), list(segments), connection, database
        )
        return list(tried)


def test_segments_of_the_build_come_out_as_built(
    shop: Warehouse, project: Project
) -> None:
    """All of them, tried as they are: nobody moves, words and versions agree."""
    known = {
        name: rest
        for name, *rest in shop.query(
            "select segment, customer_count, version, rule_in_words_en from segments"
        )
    }
    waterfalls: dict[str, list[tuple[str, int, int]]] = {}
    for name, *step in shop.query(
        "select segment, condition_en, met_count, remaining_count "
        "from segment_waterfall order by segment, condition_number"
    ):
        waterfalls.setdefault(name, []).append((step[0], step[1], step[2]))
    tried = {}
    for family in project.families():
        for trial in trials(shop, project, *family.segments):
            name = trial.name
            tried[name] = [trial.size, trial.version, trial.words]
            assert trial.built == Built(trial.size, 0, 0), name
            assert [(step.words, step.met, step.left) for step in trial.steps] == (
                waterfalls[name]
            )
            assert trial.steps[-1].left == trial.size, name
    assert tried == known
    assert len([name for name, (size, *_) in known.items() if size]) > 25


def test_the_waterfall_counts_condition_by_condition(
    shop: Warehouse, project: Project
) -> None:
    """Against plain counts over the profile; and nothing is kept that is not met."""
    [trial] = trials(shop, project, segment())

    def count(*conditions: str) -> int:
        met = " and ".join(("is_segment_candidate", *conditions))
        found = shop.query(f"select count(*) from customers where {met}")
        return int(found[0][0])

    assert trial.candidates == count()
    for number, step in enumerate(trial.steps):
        assert step.met == count(MEETS[number])
        assert step.left == count(*MEETS[: number + 1])
        assert step.without == count(*MEETS[:number], *MEETS[number + 1 :])
    lefts = [trial.candidates, *(step.left for step in trial.steps)]
    assert len(set(lefts)) >= 3 and lefts == sorted(lefts, reverse=True)
    assert trial.size == lefts[-1] > 0
    assert trial.as_of.isoformat() == AS_OF


def test_facts_and_history_are_those_of_the_build(
    shop: Warehouse, project: Project
) -> None:
    """Ranks, sequences, parents, fixed cohorts and time in a segment."""
    parent = {"trait": "order_count", "at_least": 1}
    ranked = {"rank": {"by": "net_revenue", "top": 10}}
    bought = {"sequence": ["cart_add", "purchase"], "within_days": 90}
    cohort = date.fromisoformat(AS_OF)
    found = {
        trial.name: trial
        for trial in trials(
            shop,
            project,
            segment(ranked, name="top_ten", parent="women"),
            segment(bought, name="carted"),
            segment(parent, name="buyers", freeze=cohort),
            segment({"segment": "buyers_" + AS_OF.replace("-", "")}, name="fixed"),
            segment({"segment": "women", "for_days": 1}, name="stayed"),
            segment({"segment": "women", "for_days": 2}, name="stayed_longer"),
        )
    }
    [(buyers, women, rich_women)] = shop.query(
        """
        select
            count(*) filter (where order_count >= 1),
            count(*) filter (where gender = 'female'),
            count(*) filter (where gender = 'female' and place <= 10)
        from (
            select
                *,
                row_number() over (order by net_revenue desc, customer_id) as place
            from customers
            where is_segment_candidate
        )
        """
    )
    sizes = {name: trial.size for name, trial in found.items()}
    assert sizes.pop("carted") in range(1, buyers)
    assert sizes == {
        "top_ten": rich_women,
        "buyers": buyers,
        f"buyers_{AS_OF.replace('-', '')}": buyers,
        "fixed": buyers,
        "stayed": women,
        "stayed_longer": 0,
    }
    assert rich_women and buyers and women
    assert [step.left for step in found["top_ten"].steps] == [women, rich_women]


def test_reach_and_overlap_are_those_of_the_members(
    shop: Warehouse, project: Project
) -> None:
    """Against sets of the members, made another way."""
    [trial] = trials(shop, project, segment())
    met = " and ".join(("is_segment_candidate", *MEETS))
    tried = {
        name for (name,) in shop.query(f"select customer_id from customers where {met}")
    }
    channels = {one.channel: one.customers for one in trial.reach}
    assert set(channels) == {
        "alimtalk",
        "brand_message",
        "email",
        "in_app",
        "push",
        "sms",
    }
    for channel, reached in channels.items():
        [(expected,)] = shop.query(
            f"select count(*) from customers where {met} and is_reachable_by_{channel}"
        )
        assert reached == expected
    assert len(set(channels.values())) > 2
    others: dict[str, set[str]] = {}
    for name, customer in shop.query(
        "select segment, customer_id from segment_members"
    ):
        others.setdefault(name, set()).add(customer)
    found = {one.segment: (one.size, one.both, one.jaccard) for one in trial.overlaps}
    assert found == {
        name: (len(them), len(them & tried), len(them & tried) / len(them | tried))
        for name, them in others.items()
        if them & tried
    }
    ranked = [(-one.jaccard, one.segment) for one in trial.overlaps]
    assert ranked == sorted(ranked) and len(ranked) > 10
    assert trial.built is None


def test_a_changed_rule_says_who_would_move(previews: Previews) -> None:
    """A segment of a known name replaces it, for those that refer to it too."""
    changed = segment({"trait": "order_count", "at_least": 3}, name="one_purchase")
    told = previews.tell([changed, segment({"segment": "one_purchase"}, name="same")])
    [(built, entered, left, size)] = previews.shop.query(
        """
        select
            count(*) filter (where is_built),
            count(*) filter (where is_tried and not is_built),
            count(*) filter (where is_built and not is_tried),
            count(*) filter (where is_tried)
        from (
            select
                order_count >= 3 as is_tried,
                customer_id in (
                    select customer_id
                    from segment_members
                    where segment = 'one_purchase'
                ) as is_built
            from customers
            where is_segment_candidate
        )
        """
    )
    assert told.code == 0 and entered and left
    assert (
        f"In the build: {built:,}; {entered:,} would enter and {left:,} leave."
        in told.out
    )
    assert told.out.count(f"\n{size:,} of ") == 2


def test_a_rule_that_nobody_meets_says_where_they_went(previews: Previews) -> None:
    """The condition that empties it, whoever meets it, and what it costs."""
    rule = {
        "all": [
            {"trait": "order_count", "at_least": 1},
            {"stage": "prospect"},
            {"trait": "gender", "is": "female"},
        ]
    }
    told = previews.tell(segment(rule))
    counts = previews.shop.query(
        "select count(*) filter (where purchase_stage = 'prospect'), "
        "count(*) filter (where order_count >= 1 and gender = 'female') "
        "from customers where is_segment_candidate"
    )
    [(prospects, women)] = counts
    words = " ".join(told.out.split())
    assert told.code == 0
    assert "0 of " in told.out and "Nobody is left after condition 2" in words
    assert f"{prospects:,} customers meet it by itself" in words
    assert f"Without it there would be {women:,}." in words
    assert "Jaccard" not in told.out
    alone = previews.tell(segment({"trait": "order_count", "at_least": 100_000}))
    assert "Nobody meets condition 1" in alone.out and alone.code == 0


def test_korean_readers_are_told_in_korean(previews: Previews) -> None:
    """Label, situation and headings; the same numbers."""
    english = previews.tell(segment())
    korean = previews.tell(segment(), "--lang", "ko", "--overlaps", "2")
    assert korean.code == 0
    assert "시험 · tried" in korean.out and "조건별로 남는 고객 수" in korean.out
    assert "Customers left" not in korean.out
    assert "text [in] brackets" in english.out
    assert "… 외 " in korean.out


def test_nobody_is_named(previews: Previews) -> None:
    """No id, name, address or number of a customer is printed."""
    told = previews.tell(segment({"trait": "order_count", "at_least": 0}))
    personal = previews.shop.query(
        "select unnest([customer_id, name, email, phone]) from customers"
    )
    texts = {text for (text,) in personal if text and len(text) > 1}
    assert len(texts) > 1000
    assert not [text for text in texts if text in told.out]


KO = ("--lang", "ko")
IDEAS: Mapping[str, tuple[str, str]] = {
    "남성 고객": ("{trait: gender, is: 남성}", "gender = 'male'"),
    "women": ("{trait: gender, is: women}", "gender = 'female'"),
    "30일 내 두 번 산 30대 여성": (
        "{all: [{trait: gender, is: 여성}, {trait: age_band, is: 30대},"
        " {event: purchase, within_days: 30, at_least: 2}]}",
        "gender = 'female' and age_band = '30s' and customer_id in (select customer_id"
        f" from orders where is_valid and ordered_on > date '{AS_OF}' - 30"
        " group by customer_id having count(*) >= 2)",
    ),
    "a cart a day old": (
        "{all: [{trait: open_cart_items, at_least: 1},"
        " {trait: days_since_cart_add, at_least: 1}]}",
        "open_cart_items >= 1 and days_since_cart_add >= 1",
    ),
    "interested in fashion": (
        "{trait: liked_categories, has: 패션}",
        "'fashion' in string_split(liked_categories, '|')",
    ),
    "sleeping": ("{activity: 휴면}", "activity_state = 'dormant'"),
    "power users": ("{trait: is_power_user, is: true}", "is_power_user"),
    "bought once": ("{trait: order_count, between: [1, 1]}", "order_count = 1"),
    "ten times": ("{trait: order_count, at_least: 10}", "order_count >= 10"),
    "10~40대": (
        "{trait: age_band, in: [10대, 20대, 30대, 40대]}",
        "age_band in ('10s', '20s', '30s', '40s')",
    ),
}


def test_ideas_become_numbers_by_their_rules_alone(previews: Previews) -> None:
    """In seconds of a processor, and each says at once what is missing to add it."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    told = previews.tell("".join(f"- rule: {rule}\n" for rule, _ in IDEAS.values()))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 5
    assert (told.code, told.err) == (0, "")
    for (_, condition), said in zip(
        IDEAS.values(), told.out.split("A segment without a name")[1:], strict=True
    ):
        [(size,)] = previews.shop.query(
            f"select count(*) from customers where is_segment_candidate and {condition}"
        )
        number = "fewer than 10" if 0 < size < 10 else f"{size:,}"
        assert f"\n{number} of 398 customers" in said, condition
        lines = said.partition("write these as well:\n")[2].split("\n")
        assert [line.partition(":")[0].strip() for line in lines if line] == [
            *("name", "label", "situation", "need", "message", "metric", "owner")
        ]


def test_what_is_written_is_not_asked_for(previews: Previews) -> None:
    """A complete segment is asked for nothing, in whichever language."""
    assert "write these" not in previews.tell(segment()).out
    told = previews.tell(segment(owner=None, label=None), "--lang", "ko").out
    assert "이름 없는 세그먼트 · tried" in told
    asked = told.partition("다음 항목도 적으세요:\n")[2]
    assert asked == "  label: 세그먼트 이름\n  owner: 담당\n"


def test_a_value_that_nobody_has_is_told_with_the_nearest(previews: Previews) -> None:
    """Of the shop's own data, in labels of the language; a value that few have counts
    as one, and is named to nobody."""
    few = {
        value
        for value, count in previews.shop.query(
            "select first_touch_source, count(*) from customers"
            " where is_segment_candidate group by 1"
        )
        if value and count < 10
    }
    wrong = {"trait": "favourite_category", "is": "패숀"}
    viewed = {"event": "product_view", "where": {"category": "foood"}}
    held = {"trait": "first_touch_source", "is": min(few)}
    far = {"trait": "first_touch_source", "is": min(few) + "x"}
    rules = [{"rule": one} for one in ({"any": [wrong, viewed]}, held, far)]
    english = previews.tell(rules).out.split("A segment without a name")[1:]
    hints = [
        [line for line in one.splitlines() if line.startswith("Nobody has")]
        for one in english
    ]
    assert hints[:2] == [
        [
            "Nobody has ‘패숀’ (Favourite category). Did you mean Fashion (fashion)?",
            "Nobody has ‘foood’ (category). Did you mean Food (food)?",
        ],
        [],
    ]
    assert [value for value in few if f" {value}," in f"{hints[2][0][:-1]},"] == []
    assert (
        "값이 ‘패숀’인 고객이 없습니다(선호 카테고리). 혹시 패션 (fashion)인가요?\n"
    ) in previews.tell(rules[0], *KO).out


def test_few_people_are_not_counted(previews: Previews) -> None:
    """Neither as a size, nor as the rest of everybody, nor by what they spent."""
    [(everybody,)] = previews.shop.query(
        "select count(*) from customers where is_segment_candidate"
    )
    expected = {
        9: f"\nfewer than 10 of {everybody} customers",
        10: f"\n10 of {everybody} customers",
        everybody - 9: f"\nAll but fewer than 10 of {everybody} customers",
        everybody - 10: f"\n{everybody - 10} of {everybody} customers",
    }
    rules = [
        {"rule": {"rank": {"by": "days_since_sign_up", "top": top}}} for top in expected
    ]
    told = previews.tell(rules).out.split("A segment without a name")[1:]
    for (top, said), one in zip(expected.items(), told, strict=True):
        assert said in one
        assert ("Net revenue" in one) == (top in (10, everybody - 10))
    assert f"{everybody}명 중 10명 미만\n" in previews.tell(rules[0], *KO).out


def test_members_are_told_by_stage_and_by_what_they_spent(previews: Previews) -> None:
    """Stages of few people are hidden, and a second where the rest would tell them."""
    rule = {"rank": {"by": "net_revenue", "top": 100}}
    told = previews.tell({"rule": rule}, *KO).out
    best = (
        "(select * from customers where is_segment_candidate"
        " order by net_revenue desc, customer_id limit 100)"
    )
    [(total, buyers)] = previews.shop.query(
        f"select sum(net_revenue), count(*) filter (where order_count > 0) from {best}"
    )
    assert buyers == 100
    assert f"누적 순매출 {total:,.0f}원, 고객당 평균 {total / 100:,.0f}원" in told
    counts = dict(
        previews.shop.query(
            f"select label_ko, count(*) from {best} as best inner join labels on"
            " vocabulary = 'purchase_stage' and value = purchase_stage group by 1"
        )
    )
    table = told.partition("구매 단계별 고객 수\n")[2].partition("\n\n")[0]
    rows = {
        stage: line.removeprefix(stage).split("  ")
        for stage in counts
        for line in table.splitlines()
        if line.startswith(stage + " ")
    }
    shown = {
        stage: "".join(cells[:-1]).strip() for stage, cells in rows.items() if cells
    }
    small = {stage for stage, count in counts.items() if count < 10}
    assert small and set(shown) == set(counts)
    hidden = {stage for stage, text in shown.items() if not text.isdigit()}
    assert small <= hidden and len(hidden) >= 2
    assert all(int(shown[stage]) == counts[stage] for stage in set(counts) - hidden)


def spanned(vectors: Sequence[Sequence[int]], wanted: Sequence[int]) -> bool:
    """Whether adding and taking away some vectors gives another."""
    rows: list[list[Fraction]] = []
    for vector in (*vectors, wanted):
        left = [Fraction(one) for one in vector]
        for row in rows:
            first = next(place for place, one in enumerate(row) if one)
            factor = left[first] / row[first]
            left = [a - factor * b for a, b in zip(left, row, strict=True)]
        if any(left):
            rows.append(left)
            is_new = True
        else:
            is_new = False
    return not is_new


def some_groups(conditions: int) -> Iterator[dict[tuple[int, ...], int]]:
    """How many people meet which of some conditions, small groups among them."""
    for seed in range(60):
        rng = random.Random(seed)
        yield {
            meets: rng.choice([0, 3, 7, 9, 12, 40, 100])
            for meets in itertools.product((0, 1), repeat=conditions)
        }


@pytest.mark.parametrize("conditions", [1, 2, 3])
def test_counts_that_are_told_give_no_small_group_away(conditions: int) -> None:
    """Who meets some and none of others is told by no sums and differences of them."""
    told_count = 0
    for people in some_groups(conditions):

        def who(met: set[int], left_out: set[int], people: Any = people) -> list[int]:
            return [
                int(all(meets[n] for n in met) and not any(meets[n] for n in left_out))
                for meets in people
            ]

        subsets = [
            set(some)
            for size in range(conditions + 1)
            for some in itertools.combinations(range(conditions), size)
        ]
        sets = {frozenset(some): who(some, set()) for some in subsets}
        counts = {
            some: sum(itertools.compress(people.values(), there))
            for some, there in sets.items()
        }
        if counts[frozenset()] < 10:
            continue
        told = told_counts(counts, lambda count: 0 < count < 10)
        known = [sets[some] for some, one in told.items() if isinstance(one, int)]
        told_count += len(known)
        for met, left_out in itertools.product(subsets, subsets):
            group = who(met, left_out)
            size = sum(itertools.compress(people.values(), group))
            assert not (0 < size < 10 and spanned(known, group)), (people, told)
    assert told_count > 55 * conditions


def test_everything_wrong_is_said_in_korean_too(previews: Previews) -> None:
    """Rule, file and warehouse: no line is English."""
    wrong: dict[str, Any] = {
        "trait": {"trait": "order_cuont", "at_least": 1},
        "value": {"trait": "gender", "is": "남셩"},
        "test": {"trait": "gender", "at_least": "여성"},
        "circle": {"segment": "circle"},
        "religion": {"trait": "religion", "is": "any"},
        "lacking": None,
    }
    rules = [segment(rule, name=name) for name, rule in wrong.items()]
    lines = previews.tell([*rules, rules[0]], *KO).err.splitlines()
    assert len(lines) == 7
    for case in ("syntax", "key twice", "nothing", "text in the list"):
        lines += previews.tell(REFUSED[case][0], *KO).err.splitlines()
    previews.file.write_bytes("name: 시험".encode("cp949"))
    lines += previews.run(previews.file, *KO).err.splitlines()
    previews.tell(segment())
    gone = previews.file.parent / "gone.duckdb"
    lines += previews.run(previews.file, *KO, database=gone).err.splitlines()
    duckdb.connect(str(gone)).close()
    lines += previews.run(previews.file, *KO, database=gone).err.splitlines()
    assert len(lines) >= 12
    for line in lines:
        assert any("가" <= letter <= "힣" for letter in line), line
        for word in (" is ", "unknown ", "missing:", " no ", "Run ", "did you"):
            assert word not in line, line


SHAPES: Mapping[str, Any] = {
    "one": segment(),
    "list": [segment()],
    "segments": {"segments": [segment()]},
    "twin": {
        "sources": [
            {
                "name": "segment_rules",
                "tables": [
                    {"name": "mine", "config": {"meta": {"segments": [segment()]}}},
                    {"name": "other"},
                ],
            }
        ]
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_may_have_any_of_four_shapes(previews: Previews, shape: str) -> None:
    """One segment, a list, `segments:`, or like the file beside a family."""
    told = previews.tell(SHAPES[shape], "--overlaps", "1")
    assert (told.code, told.err) == (0, "")
    assert told.out.count("Tried · tried") == 1


@pytest.mark.parametrize("family", ["behaviour_segments", "purchase_segments"])
def test_the_file_of_a_family_can_be_tried_as_it_is(
    previews: Previews, family: str
) -> None:
    """It replaces itself: no name is taken twice."""
    told = previews.run(
        ROOT / "models" / "marts" / "segments" / "rules" / f"{family}.yml"
    )
    assert (told.code, told.err) == (0, "")
    assert "would enter" in told.out


WHOLE = yaml.safe_dump(segment(), sort_keys=False)

REFUSED: Mapping[str, tuple[Any, list[str]]] = {
    "unknown trait": (
        segment({"all": [{"any": [{"trait": "order_cuont", "at_least": 1}]}]}),
        ["segment tried", "rule.all[0].any[0]", "did you mean order_count"],
    ),
    "missing rule": (
        {"name": "tried", "rule": None},
        ["rule.yml line 1: segment tried: missing: rule"],
    ),
    "unknown value": (
        {"rule": {"all": [{"trait": "gender", "is": "여셩"}]}},
        ["untitled_1: rule.all[0]: unknown value 여셩; did you mean female"],
    ),
    "same name twice": (
        [segment(), segment()],
        ["segment tried", "the name is taken by a segment in", "rule.yml"],
    ),
    "circle through the build": (
        segment({"segment": "new_profile_incomplete"}, name="new_signup"),
        [
            "segments/rules: segment new_profile_incomplete: rule.all[0]",
            "a circle: new_signup → new_profile_incomplete → new_signup",
        ],
    ),
    "protected attribute": (
        segment({"trait": "religion", "is": "any"}),
        ["religion is a protected attribute", "Take the condition out"],
    ),
    "a word for a number": (
        segment({"trait": "order_count", "at_least": "1; drop table customers"}),
        ["at_least: 1; drop table customers is no int number"],
    ),
    "Jinja that does not close": (segment(owner="{{ crm"), ["YAML, line 1"]),
    "syntax": ("name: tried\nrule: {all: [\n", ["rule.yml line 3: "]),
    "key twice": (
        WHOLE + "owner: sales\n",
        ["rule.yml line 21: the key owner stands twice"],
    ),
    "nothing": ("", ["rule.yml: holds no segments; write one segment"]),
    "no segment": ({"traits": []}, ["rule.yml: holds no segments"]),
    "empty list": ({"segments": []}, ["rule.yml: holds no segments"]),
    "text in the list": ([segment(), "tried"], ["rule.yml: segment 2 is no mapping"]),
}


@pytest.mark.few(5)
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_said_and_where(previews: Previews, case: str) -> None:
    """Exit code 2, the compiler's own words, and nothing printed as a result."""
    content, expected = REFUSED[case]
    told = previews.tell(content)
    assert (told.code, told.out) == (2, "")
    for part in expected:
        assert part in told.err


def test_a_file_that_cannot_be_read_is_said(previews: Previews) -> None:
    """Not there, a folder, or in another encoding."""
    assert "No such file" in previews.run(previews.file).err
    assert "directory" in previews.run(previews.file.parent).err
    previews.file.write_bytes("name: 시험".encode("cp949"))
    told = previews.run(previews.file)
    assert told.code == 2 and "Save it as UTF-8" in told.err


def test_a_warehouse_that_cannot_be_used_is_said(
    previews: Previews, tmp_path: Path
) -> None:
    """Not there, no database, never built, or by other models."""
    previews.tell(segment())
    path = tmp_path / "other.duckdb"
    told = previews.run(previews.file, database=path)
    assert told.code == 2 and "run make demo or dbt build" in told.err
    path.write_text("not a database" * 100)
    told = previews.run(previews.file, database=path)
    assert told.code == 2 and "cannot be opened as a DuckDB database" in told.err
    path.unlink()
    duckdb.connect(str(path)).close()
    told = previews.run(previews.file, database=path)
    assert told.code == 2 and "it holds no build. Run dbt build" in told.err
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table segment_runs as "
            f"select 1 as run_number, date '{AS_OF}' as as_of_date, true as is_in_force"
        )
    told = previews.run(previews.file, database=path)
    assert told.code == 2 and "built by another version" in told.err


def test_a_running_build_is_waited_for(previews: Previews, tmp_path: Path) -> None:
    """Exit code 75 while another process holds the file."""
    previews.tell(segment())
    path = tmp_path / "held.duckdb"
    script = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]);"
        " print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE
    ) as builder:
        assert builder.stdout is not None
        assert builder.stdout.readline() == b"held\n"
        told = previews.run(previews.file, database=path)
        builder.kill()
    assert told.code == 75 and "is open in process" in told.err


def test_it_is_quick_and_leaves_the_warehouse_alone(previews: Previews) -> None:
    """No dbt and no pandas, which take seconds; processor time is what others don't
    disturb."""
    previews.tell(segment())
    before = previews.shop.database.stat().st_mtime_ns
    script = (
        "import json, sys;"
        "from customer_segments.rules import preview_segment as it;"
        "code = it.main(sys.argv[1:]);"
        "print(json.dumps([code, sorted({m.split('.')[0] for m in sys.modules})]))"
    )
    options = ("--database", str(previews.shop.database))
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        [sys.executable, "-c", script, str(previews.file), *options],
        capture_output=True,
        check=True,
        text=True,
    )
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    code, modules = json.loads(ran.stdout.splitlines()[-1])
    assert code == 0
    assert {"duckdb", "jinja2"} <= set(modules)
    assert not {"dbt", "dbt_common", "pandas", "numpy", "agate"} & set(modules)
    assert (now.ru_utime + now.ru_stime) - (spent.ru_utime + spent.ru_stime) < 2
    assert previews.shop.database.stat().st_mtime_ns == before
