"""One export: read, judge, plan, guard, hand over; the order keeps people safe."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from customer_segments.exporting.destinations import Sinks
from customer_segments.exporting.guards import (
    broken_guards,
    consent_dispute,
    wrong_age,
    wrong_mode,
)
from customer_segments.exporting.judging import (
    Audience,
    contradictions,
    judge,
    read_audiences,
    read_verdicts,
    unread_wishes,
)
from customer_segments.exporting.ledger import Ledger, attach_ledger
from customer_segments.exporting.names import is_file_name
from customer_segments.exporting.options import (
    ExportOptions,
    ExportReport,
    LineReport,
    Tally,
)
from customer_segments.exporting.planning import make_plan
from customer_segments.exporting.points import reached
from customer_segments.exporting.problems import (
    ExportProblem,
    GuardStopped,
    StaleBuild,
    WrongSpec,
)
from customer_segments.exporting.reading import BUILD, Copied, copy_build, memory
from customer_segments.exporting.running import Run, WishesChanged, purge
from customer_segments.exporting.samples import Sample, read_samples
from customer_segments.yaml_files import nearest

NOTHING_ADDED = "Nothing was added anywhere."


@contextmanager
def opened(options: ExportOptions) -> Iterator[tuple[Ledger, Sinks]]:
    """The ledger, held by this process alone, and its destinations; Locked, WrongSpec.

    What an export that died had in flight is unknown from here on.
    """
    if not options.database.is_file():
        raise WrongSpec(f"no database {options.database}; {BUILD}, or say --database")
    with memory() as connection, ExitStack() as stack:
        attach_ledger(connection, options.ledger)
        ledger = Ledger(connection, options.zone, options.clock)
        ledger.recover()
        yield ledger, Sinks(options, connection, ledger, stack)


def export(options: ExportOptions) -> ExportReport:
    """Plan for the chosen audiences and carry it out; ExportProblem says why not.

    All or nothing: an audience that breaks a guard stops all of them, because a
    broken guard is a sign of a broken build. Who must not be contacted any more
    leaves every destination even then. A plan is never resumed: when wishes are
    loaded meanwhile, and after a crash, it is made again.
    """
    tallies: dict[tuple[str, str], Tally] = {}
    with opened(options) as (ledger, sinks):
        while True:
            try:
                return attempt(options, ledger, sinks, tallies)
            except WishesChanged:
                continue


def plan_only(
    options: ExportOptions, operations: Sequence[str] | None
) -> tuple[ExportReport, list[Sample]]:
    """What an export would do, and masked samples of it; ExportProblem says why not.

    Nothing is told to anybody; `operations` None samples those who stay, too.
    """
    with opened(options) as (ledger, sinks):
        made = planned(options, ledger, sinks)
        problem = objection(options, made, sinks)
        if problem is not None:
            raise problem
        return made.report, read_samples(ledger.connection, operations)


@dataclass(frozen=True)
class Planned:
    """A plan of what is loaded by now."""

    copied: Copied
    audiences: Sequence[Audience]
    report: ExportReport


def planned(options: ExportOptions, ledger: Ledger, sinks: Sinks) -> Planned:
    """Read the build and the wishes, judge them, and compare with the ledger."""
    connection = ledger.connection
    copied = copy_build(connection, options.database, options.project, sinks.open)
    reached("build copied")
    try:
        audiences = read_audiences(connection)
    except WrongSpec:
        if copied.unfit:
            raise StaleBuild(*copied.unfit, NOTHING_ADDED) from None
        raise
    chosen = choose(audiences, options.names)
    judge(connection, ledger.today)
    for sink in sinks.files.values():
        sink.reject_unwritable([audience.name for audience in chosen])
    plan = make_plan(
        connection,
        sinks.sinks,
        [audience.name for audience in chosen],
        is_whole=copied.is_whole and not options.names,
    )
    reached("planned")
    report = ExportReport(
        as_of_date=audiences[0].as_of_date,
        lines={
            (one.line.destination, one.line.audience): LineReport(one)
            for one in plan.lines
        },
        verdicts=read_verdicts(connection),
        audiences={audience.name: audience for audience in chosen},
    )
    return Planned(copied, audiences, report)


def attempt(
    options: ExportOptions,
    ledger: Ledger,
    sinks: Sinks,
    tallies: dict[tuple[str, str], Tally],
) -> ExportReport:
    """Make a plan of what is loaded by now, and carry it out; WishesChanged.

    `tallies` holds what plans before it had done when they were given up.
    """
    made = planned(options, ledger, sinks)
    report = made.report
    for key, line in report.lines.items():
        line.tally = tallies.get(key)
    problem = objection(options, made, sinks)
    if problem is not None:
        left = purge(options, ledger, sinks, report, problem.code)
        raise type(problem)(*problem.lines, *left)
    run_id = ledger.begin_run("run", report.as_of_date)
    run = Run(options, ledger, sinks, report, run_id, made.copied.wishes)
    ledger.drop()
    try:
        run.remove()
        run.write_files(made.audiences)
        run.add()
    except WishesChanged:
        ledger.end_run(run_id, None)
        tallies |= {key: one.tally for key, one in report.lines.items() if one.tally}
        raise
    ledger.end_run(run_id, report.code)
    reached("run ended")
    return report


def choose(audiences: Sequence[Audience], names: Sequence[str]) -> list[Audience]:
    """The audiences that were asked for; WrongSpec with the nearest name."""
    refuse_unknown(names, [audience.name for audience in audiences])
    return [audience for audience in audiences if not names or audience.name in names]


def refuse_unknown(names: Sequence[str], known: Sequence[str], whose: str = "") -> None:
    """WrongSpec with the nearest name for an audience that is not among the known."""
    for name in names:
        if name not in known:
            shown = name if is_file_name(name) else "of that name"
            raise WrongSpec(f"{whose}no audience {shown}; {nearest(name, known)}")


def objection(
    options: ExportOptions, made: Planned, sinks: Sinks
) -> ExportProblem | None:
    """What stops the export: first the build, then consent and guards."""
    chosen = list(made.report.audiences.values())
    verdicts = made.report.verdicts
    stale = [
        *made.copied.unfit,
        *(f"{sign}; {BUILD}" for sign in contradictions(sinks.connection)),
        *wrong_age(chosen, options.yesterday, options.max_age_days),
    ]
    if stale:
        return StaleBuild(*stale, NOTHING_ADDED)
    plans = {key: line.plan for key, line in made.report.lines.items()}
    unsuited = [
        line
        for audience in chosen
        for line in wrong_mode(
            audience.name,
            audience.mode,
            audience.destination,
            sinks.sinks[audience.destination].effect,
        )
    ]
    if unsuited:
        return WrongSpec(*unsuited, NOTHING_ADDED)
    broken = [
        *unread_wishes(sinks.connection),
        *(
            f"{path}: somebody changed this file since it was written, so nobody can"
            " say who would leave. Remove the file to start afresh."
            for sink in sinks.files.values()
            for path in sink.changed_by_others().values()
        ),
        *(
            line
            for audience in chosen
            for line in (
                *consent_dispute(audience, verdicts[audience.name]),
                *broken_guards(
                    audience,
                    verdicts[audience.name],
                    plans[audience.destination, audience.name],
                ),
            )
        ),
    ]
    return GuardStopped(*broken, NOTHING_ADDED) if broken else None
