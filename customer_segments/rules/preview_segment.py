"""Try the segments of a rule file on the built warehouse, before anybody else does.

Nothing is built or written. FILE is YAML: one segment, a list of them, `segments:` with
a list, or the file beside a family. A segment of a known name is taken to replace it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape

from customer_segments.build_record import NotReadable, opened_build, read_record, say
from customer_segments.missing import what_to_load
from customer_segments.places import database
from customer_segments.rules.reading import RuleFileError, read_segments
from customer_segments.rules.rendering import RenderingError, open_project
from customer_segments.rules.trial import (
    NotBuilt,
    Refused,
    Step,
    Trial,
    try_segments,
)
from customer_segments.terminal import console, table
from customer_segments.yaml_files import NotRead

OVERLAPS_SHOWN = 8

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "head": "at the end of {as_of}, version {version}",
        "rule": "Rule: {words}",
        "size": "{size:,} of {candidates:,} customers who may be in segments ({share})",
        "built": "In the build: {size:,}; {entered:,} would enter and {left:,} leave.",
        "empty_alone": "Nobody meets condition {number}: {words}",
        "empty": "Nobody is left after condition {number}: {words}. "
        "{met:,} customers meet it by itself.",
        "without": "Without it there would be {without:,}.",
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
    },
    "ko": {
        "head": "{as_of} 기준, 규칙 버전 {version}",
        "rule": "규칙: {words}",
        "size": "세그먼트 대상 고객 {candidates:,}명 중 {size:,}명 ({share})",
        "built": "현재 데이터 기준 {size:,}명. "
        "이 규칙을 적용하면 {entered:,}명이 진입하고 {left:,}명이 제외됩니다.",
        "empty_alone": "{number}번 조건을 충족하는 고객이 없습니다: {words}",
        "empty": "{number}번 조건에서 남는 고객이 없습니다: {words}. "
        "이 조건만 보면 {met:,}명이 충족합니다.",
        "without": "이 조건을 빼면 {without:,}명입니다.",
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
    },
}


def percent(part: int, whole: int) -> str:
    """A share of a whole."""
    return f"{100 * part / whole:5.1f} %" if whole else "–"


def emptying(steps: Sequence[Step]) -> int | None:
    """The number of the first condition after which nobody is left, if there is one."""
    for number, step in enumerate(steps, start=1):
        if step.left == 0:
            return number
    return None


def print_trial(trial: Trial, out: Console, language: str, shown: int) -> None:
    """Print what a segment would be."""
    told = TEXTS[language]

    def say(key: str, **values: object) -> str:
        return escape(told[key].format(**values))

    text = trial.text
    label = " · ".join((text["label"][language], trial.name))
    head = say("head", as_of=trial.as_of, version=trial.version)
    out.print(f"\n[bold]{escape(label)}[/]  [dim]{head}[/]")
    out.print(escape(text["situation"][language]))
    out.print(say("rule", words=trial.words))
    if trial.missing:
        out.print(f"[yellow]{escape(what_to_load(trial.missing, language))}[/]")
        return
    size, candidates = trial.size, trial.candidates
    share = percent(size, candidates).strip()
    counted = say("size", size=size, candidates=candidates, share=share)
    out.print(f"\n[bold]{counted}[/]")
    if trial.built:
        out.print(say("built", **vars(trial.built)))
    number = emptying(trial.steps)
    if size == 0 and number:
        step = trial.steps[number - 1]
        key = "empty" if step.met else "empty_alone"
        hint = say(key, number=number, words=step.words, met=step.met)
        if step.without:
            hint += " " + say("without", without=step.without)
        out.print(f"[yellow]{hint}[/]")
    out.print(f"\n{told['waterfall']}")
    out.print(
        table(
            "",
            ["#", *(told[key] for key in ("condition", "met", "left", "without_it"))],
            [
                (place, step.words, step.met, step.left, step.without)
                for place, step in enumerate(trial.steps, start=1)
            ],
        )
    )
    if not size:
        return
    out.print(f"\n{told['reach']}")
    out.print(
        table(
            "",
            [told["channel"], told["customers"], "%"],
            [
                (one.label, one.customers, percent(one.customers, size))
                for one in trial.reach
            ],
        )
    )
    if not trial.overlaps:
        out.print(f"\n{told['alone']}")
        return
    keys = ("members", "both", "jaccard", "of_these", "of_those")
    out.print(f"\n{told['overlap']}")
    out.print(
        table(
            "",
            [told["segment"], "", *(told[key] for key in keys)],
            [
                (
                    one.segment,
                    one.label,
                    one.size,
                    one.both,
                    f"{one.jaccard:.2f}",
                    percent(one.both, size),
                    percent(one.both, one.size),
                )
                for one in trial.overlaps[:shown]
            ],
        )
    )
    if len(trial.overlaps) > shown:
        out.print(f"[dim]{say('more', count=len(trial.overlaps) - shown)}[/]")


def main(argv: Sequence[str] | None = None) -> int:
    """Preview a file; 0 done, 2 a bad rule, file or warehouse, 75 busy."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Exit codes: 0 done; 2 the rule, the file or the warehouse is not as it "
        "should be, standard error says how; 75 a build runs, try later.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--database", type=Path, default=database())
    parser.add_argument("--lang", choices=sorted(TEXTS), default="en")
    parser.add_argument(
        "--overlaps", type=int, default=OVERLAPS_SHOWN, help="segments to compare with"
    )
    options = parser.parse_args(argv)
    path, file = options.database.resolve(), options.file
    out = console()
    try:
        project = open_project()
        segments = read_segments(file, project.variables)
        with opened_build(path) as (connection, name):
            record = read_record(connection, name)
            trials = list(
                try_segments(project, file, segments, connection, name, options.lang)
            )
        say(record, out, options.lang)
        for trial in trials:
            print_trial(trial, out, options.lang, options.overlaps)
    except NotReadable as error:
        print(error, file=sys.stderr)
        return error.code
    except Refused as error:
        print("\n".join(error.lines), file=sys.stderr)
        return 2
    except (RuleFileError, RenderingError, NotRead) as error:
        print(error, file=sys.stderr)
        return 2
    except NotBuilt as error:
        print(f"{path}: {error}. Run dbt build first.", file=sys.stderr)
        return 2
    except duckdb.Error as error:
        print(f"{file}: the database cannot run it: {error}", file=sys.stderr)
        return 2
    return 0
