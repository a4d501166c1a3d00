"""Try the segments of a rule file on the built warehouse, before anybody else does.

Nothing is built or written. FILE is YAML: one segment, of which `rule:` is enough, a
list of them, `segments:` with a list, or the file of a family. A segment of a known
name is taken to replace it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from customer_segments.build_record import (
    BUILD_FIRST,
    NotReadable,
    opened_build,
    read_record,
    refusal,
    say,
)
from customer_segments.missing import what_to_load
from customer_segments.names import Names
from customer_segments.places import database
from customer_segments.rules.hiding import (
    FEW,
    KEPT_BACK,
    IsSmall,
    Told,
    told_counts,
)
from customer_segments.rules.reading import read_segments
from customer_segments.rules.rendering import RenderingError, open_project
from customer_segments.rules.trial import (
    Built,
    NotBuilt,
    Refused,
    Step,
    Trial,
    try_segments,
)
from customer_segments.terminal import console, table
from customer_segments.wording import LANGUAGES, Currency, Spoken, percent

OVERLAPS_SHOWN = 8
STEPS_WITHOUT = 6
THIS, THAT = frozenset({"this"}), frozenset({"that"})
DATABASE = {
    "en": "{file}: the database cannot run it: {error}",
    "ko": "{file}: 데이터베이스에서 실행할 수 없습니다: {error}",
}

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "head": "at the end of {as_of}, version {version}",
        "rule": "Rule: {words}",
        "few": "fewer than {minimum}",
        "unsaid": "some",
        "size": "{size} of {candidates:,} customers who may be in segments",
        "nearly_all": "All but fewer than {minimum} of {candidates:,} customers who "
        "may be in segments",
        "built": "In the build: {size}; {entered} would enter and {left} leave.",
        "moves": "Against the build {entered} would enter and {left} leave.",
        "unmet": "Nobody has ‘{value}’ ({words}).",
        "near": "Did you mean {near}?",
        "held": "Most have {near}.",
        "empty_alone": "Nobody meets condition {number}: {words}",
        "empty": "Nobody is left after condition {number}: {words}. "
        "{met} customers meet it by itself.",
        "without": "Without it there would be {without}.",
        "kept_back": "–: with other counts it would tell of fewer than {minimum}.",
        "waterfall": "Customers left after each condition",
        "condition": "condition",
        "met": "meet it",
        "left": "left",
        "without_it": "without it",
        "reach": "Reach: a working address, and consent to advertising "
        "(Alimtalk needs none)",
        "channel": "channel",
        "customers": "customers",
        "overlap": "Overlap with segments of the build, the most alike first",
        "segment": "segment",
        "members": "members",
        "both": "in both",
        "jaccard": "Jaccard",
        "of_these": "% of this one",
        "of_those": "% of that one",
        "more": "… and {count:,} more",
        "alone": "No segment of the build shares a member.",
        "revenue": "Net revenue of the members so far: {total}, on average {average}",
        "few_buyers": "Net revenue is hidden: fewer than {minimum} of them bought.",
        "stages": "Where the members stand",
        "stage": "purchase stage",
        "unwritten": "To add the segment, write these as well:",
    },
    "ko": {
        "head": "{as_of} 기준, 규칙 버전 {version}",
        "rule": "규칙: {words}",
        "few": "{minimum}명 미만",
        "unsaid": "일부 고객",
        "size": "세그먼트 대상 고객 {candidates:,}명 중 {size}",
        "nearly_all": "세그먼트 대상 {candidates:,}명 중 {minimum}명 미만 제외 전부",
        "built": "현재 데이터 기준 {size}. "
        "이 규칙을 적용하면 {entered} 진입, {left} 제외됩니다.",
        "moves": "현재 데이터와 비교하면 {entered} 진입, {left} 제외됩니다.",
        "unmet": "값이 ‘{value}’인 고객이 없습니다({words}).",
        "near": "혹시 {near}인가요?",
        "held": "많이 쓰인 값: {near}",
        "empty_alone": "{number}번 조건을 충족하는 고객이 없습니다: {words}",
        "empty": "{number}번 조건에서 남는 고객이 없습니다: {words}. "
        "이 조건만 보면 {met}이 충족합니다.",
        "without": "이 조건을 빼면 {without}입니다.",
        "kept_back": "–: 다른 숫자와 함께 보면 {minimum}명 미만이 드러나 숨겼습니다.",
        "waterfall": "조건별로 남는 고객 수",
        "condition": "조건",
        "met": "충족",
        "left": "남은 고객",
        "without_it": "이 조건을 뺄 때",
        "reach": "채널별 수신 가능 고객 (유효한 연락처와 광고 수신 동의 기준, "
        "알림톡은 동의 불필요)",
        "channel": "채널",
        "customers": "고객 수",
        "overlap": "기존 세그먼트와 겹치는 정도 (비슷한 순)",
        "segment": "세그먼트",
        "members": "고객 수",
        "both": "겹치는 고객",
        "jaccard": "자카드 지수",
        "of_these": "이 세그먼트 중 %",
        "of_those": "상대 세그먼트 중 %",
        "more": "… 외 {count:,}개",
        "alone": "고객이 겹치는 세그먼트가 없습니다.",
        "revenue": "누적 순매출 {total}, 고객당 평균 {average}",
        "few_buyers": "구매한 고객이 {minimum}명 미만이라 순매출을 표시하지 않습니다.",
        "stages": "구매 단계별 고객 수",
        "stage": "구매 단계",
        "unwritten": "세그먼트로 추가하려면 다음 항목도 적으세요:",
    },
}


@dataclass
class Teller:
    """Says things in a language; no count of fewer than the minimum.

    `kept_back` is whether a dash was told in the place of a count.
    """

    language: str
    minimum: int
    currency: Currency
    kept_back: bool = False

    def say(self, key: str, **values: object) -> str:
        """A text with its values filled in, for a console."""
        return escape(TEXTS[self.language][key].format(**values))

    def count(self, count: Told | None) -> str:
        """A count that may be told, or what is told in its place."""
        if count == FEW:
            return TEXTS[self.language]["few"].format(minimum=self.minimum)
        self.kept_back |= count == KEPT_BACK
        return f"{count:,}" if isinstance(count, int) else "–"

    def people(self, count: Told | None) -> str:
        """A count in a sentence: Korean counts people with a word of its own."""
        if count == KEPT_BACK:
            return TEXTS[self.language]["unsaid"]
        is_number = isinstance(count, int)
        return self.count(count) + ("명" if is_number and self.language == "ko" else "")

    def share(self, part: Told, whole: Told) -> str:
        """A share of a whole, where both may be told."""
        if isinstance(part, int) and isinstance(whole, int) and whole:
            return percent(part / whole)
        return "–"


def told_steps(trial: Trial) -> list[tuple[Told, Told, Told]]:
    """What may be told of each step of the waterfall: met, left and without it.

    Of many steps the last is kept back: they make groups without number known.
    """
    numbers = range(1, len(trial.steps) + 1)
    met = [frozenset({number}) for number in numbers]
    left = [frozenset(range(1, number + 1)) for number in numbers]
    without = [left[-1] - one for one in met]
    steps = trial.steps
    told = told_counts(
        # the size before what leads to it, and both before what stands beside them
        {frozenset(): trial.candidates, left[-1]: trial.size}
        | {place: step.left for place, step in zip(left, steps, strict=True)}
        | {place: step.met for place, step in zip(met, steps, strict=True)}
        | {
            place: step.without
            for place, step in zip(without, steps, strict=True)
            if len(steps) <= STEPS_WITHOUT
        },
        trial.is_small,
    )
    return [
        (told[one], told[kept], told.get(other, KEPT_BACK))
        for one, kept, other in zip(met, left, without, strict=True)
    ]


def emptying(steps: Sequence[Step]) -> int | None:
    """The number of the first condition after which nobody is left, if there is one."""
    for number, step in enumerate(steps, start=1):
        if step.left == 0:
            return number
    return None


def print_trial(trial: Trial, out: Console, teller: Teller, shown: int) -> None:
    """Print what a segment would be."""
    say, language, text = teller.say, teller.language, trial.text
    label = text["label"][language]
    if "name" not in trial.unwritten:
        label += f" · {trial.name}"
    head = say("head", as_of=trial.as_of, version=trial.version)
    out.print(f"\n[bold]{escape(label)}[/]  [dim]{head}[/]")
    if "situation" not in trial.unwritten:
        out.print(escape(text["situation"][language]))
    out.print(say("rule", words=trial.words))
    if trial.missing:
        out.print(f"[yellow]{escape(what_to_load(trial.missing, language))}[/]")
    else:
        print_counts(trial, out, teller, shown)
    if trial.unwritten:
        out.print(f"\n{say('unwritten')}")
        for key, means in trial.unwritten.items():
            out.print(f"  {key}: {means}", markup=False, style="dim")


def print_counts(trial: Trial, out: Console, teller: Teller, shown: int) -> None:
    """Print size, waterfall, and the tables of those whose size may be told."""
    say, texts = teller.say, TEXTS[teller.language]
    told = told_steps(trial)
    size = told[-1][1]
    counted = say(
        "nearly_all" if size == KEPT_BACK else "size",
        size=teller.people(size),
        candidates=trial.candidates,
        minimum=teller.minimum,
    )
    if isinstance(size, int):
        counted += f" ({teller.share(size, trial.candidates)})"
    out.print(f"\n[bold]{counted}[/]")
    if trial.built:
        out.print(told_moves(trial.built, trial.is_small, teller))
    for one in trial.unmet:
        hint = say("unmet", value=one.value, words=one.words)
        if one.near:
            key = "near" if one.is_alike else "held"
            hint += " " + say(key, near=", ".join(one.near))
        out.print(f"[yellow]{hint}[/]")
    number = emptying(trial.steps)
    if size == 0 and number:
        step, (met, _, without) = trial.steps[number - 1], told[number - 1]
        key = "empty" if step.met else "empty_alone"
        hint = say(key, number=number, words=step.words, met=teller.people(met))
        if step.without:
            hint += " " + say("without", without=teller.people(without))
        out.print(f"[yellow]{hint}[/]")
    out.print(f"\n{texts['waterfall']}")
    out.print(
        table(
            "",
            ["#", *(texts[key] for key in ("condition", "met", "left", "without_it"))],
            [
                (place, step.words, *map(teller.count, counts))
                for place, (step, counts) in enumerate(
                    zip(trial.steps, told, strict=True), start=1
                )
            ],
            numbers=(0, 2, 3, 4),
        )
    )
    if isinstance(size, int) and size:
        print_members(trial, out, teller)
        print_overlaps(trial, out, teller, shown)
    if teller.kept_back:
        out.print(f"\n[dim]{say('kept_back', minimum=teller.minimum)}[/]")
        teller.kept_back = False


def told_moves(built: Built, is_small: IsSmall, teller: Teller) -> str:
    """Who would enter and leave; the size in the build would tell of a few."""
    moves = {"entered": built.entered, "left": built.left}
    told = {key: FEW if is_small(count) else count for key, count in moves.items()}
    key = "moves" if FEW in told.values() else "built"
    return teller.say(
        key,
        size=teller.people(built.size),
        **{key: teller.people(count) for key, count in told.items()},
    )


def print_members(trial: Trial, out: Console, teller: Teller) -> None:
    """Print what members brought in, their purchase stages, and who reaches them."""
    say, texts, size = teller.say, TEXTS[teller.language], trial.size
    money = trial.revenue
    if money.total is not None and trial.is_small(money.buyers):
        out.print(say("few_buyers", minimum=teller.minimum))
    elif money.total is not None:
        total, average = (
            teller.currency.shown(amount, teller.language)
            for amount in (money.total, money.total / size)
        )
        out.print(f"\n{say('revenue', total=total, average=average)}")
    if trial.stages:
        out.print(f"\n{texts['stages']}")
        stages = [
            (
                one.label,
                FEW
                if trial.is_small(one.customers)
                else KEPT_BACK
                if one.is_hidden
                else one.customers,
            )
            for one in trial.stages
        ]
        out.print(shares_table(texts["stage"], stages, size, teller))
    out.print(f"\n{texts['reach']}")
    channels = []
    for one in trial.reach:
        reached = frozenset({one.channel})
        told = told_counts({frozenset(): size, reached: one.customers}, trial.is_small)
        channels.append((one.label, told[reached]))
    out.print(shares_table(texts["channel"], channels, size, teller))


def shares_table(
    heading: str, rows: Sequence[tuple[str, Told]], size: int, teller: Teller
) -> Table:
    """Counts of members and their shares."""
    return table(
        "",
        [heading, TEXTS[teller.language]["customers"], "%"],
        [
            (label, teller.count(count), teller.share(count, size))
            for label, count in rows
        ],
        numbers=(1, 2),
    )


def print_overlaps(trial: Trial, out: Console, teller: Teller, shown: int) -> None:
    """Print which segments of the build are most alike."""
    texts, size = TEXTS[teller.language], trial.size
    if not trial.overlaps:
        out.print(f"\n{texts['alone']}")
        return
    rows = []
    for one in trial.overlaps[:shown]:
        counts = {
            frozenset(): trial.candidates,
            THIS: size,
            THAT: one.size,
            THIS | THAT: one.both,
        }
        told = told_counts(counts, trial.is_small)
        other, both = told[THAT], told[THIS | THAT]
        is_told = isinstance(both, int)
        rows.append(
            (
                one.segment,
                one.label,
                teller.count(other),
                teller.count(both),
                f"{one.jaccard:.2f}" if is_told else "–",
                teller.share(both, size),
                teller.share(both, other),
            )
        )
    keys = ("members", "both", "jaccard", "of_these", "of_those")
    out.print(f"\n{texts['overlap']}")
    out.print(
        table(
            "",
            [texts["segment"], "", *(texts[key] for key in keys)],
            rows,
            numbers=range(2, 7),
        )
    )
    if len(trial.overlaps) > shown:
        left = teller.say("more", count=len(trial.overlaps) - shown)
        out.print(f"[dim]{left}[/]")


def main(argv: Sequence[str] | None = None) -> int:
    """Preview a file; 0 done, 2 a bad rule, file or warehouse, 75 busy."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Exit codes: 0 done; 2 the rule, the file or the warehouse is not as it "
        "should be, standard error says how; 75 a build runs, try later.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--database", type=Path, default=database())
    parser.add_argument("--lang", choices=LANGUAGES, default="en")
    parser.add_argument(
        "--overlaps", type=int, default=OVERLAPS_SHOWN, help="segments to compare with"
    )
    options = parser.parse_args(argv)
    path, file, language = options.database.resolve(), options.file, options.lang
    out = console()
    try:
        project = open_project()
        segments = read_segments(file, project.variables)
        with opened_build(path) as (connection, name):
            record = read_record(connection, name)
            trials = list(
                try_segments(project, file, segments, connection, name, language)
            )
            currency = Names(connection, language).currency
            teller = Teller(language, project.variables["k_minimum"], currency)
            say(record, out, language)
            for trial in trials:
                print_trial(trial, out, teller, options.overlaps)
    except NotReadable as error:
        return refusal(path, error, language)
    except Refused as error:
        print("\n".join(error.lines), file=sys.stderr)
        return 2
    except NotBuilt as error:
        print(
            f"{path}: {error.said(language)}. {BUILD_FIRST[language]}", file=sys.stderr
        )
        return 2
    except Spoken as error:
        print(error.said(language), file=sys.stderr)
        return 2
    except RenderingError as error:
        print(error, file=sys.stderr)
        return 2
    except duckdb.Error as error:
        print(DATABASE[language].format(file=file, error=error), file=sys.stderr)
        return 2
    return 0
