"""When one reason rejects most of a file, the mapping is wrong and not the file."""

from collections.abc import Sequence
from dataclasses import dataclass

from customer_segments.loading.casting import NULL_WORDS
from customer_segments.loading.discovery import FoundFile, printable
from customer_segments.loading.landing import Fault, StagedFile
from customer_segments.loading.problems import Problem, WrongInput
from customer_segments.yaml_files import Written

FEWEST_ROWS = 5
ACCEPT = "If the rows really are broken: --accept-rejects."


@dataclass(frozen=True)
class Suspect:
    """The key of a mapping that explains a reason, what to do, and what to say there.

    `option` says it on the command line when there is no mapping.
    """

    key: str
    told: str
    example: str
    option: str | None = None


SUSPECTS = {
    "no_time_zone": Suspect(
        "time_zone", "Say where the clock stood", "Asia/Seoul", "--time-zone Asia/Seoul"
    ),
    "bad_encoding": Suspect(
        "encoding",
        "Say how it is encoded",
        "cp949",
        "--encoding cp949 (or utf-8)",
    ),
    "wrong_field_count": Suspect("delimiter", "Say what separates fields", '";"'),
    "bad_time": Suspect("time_format", "Say how times are written", '"%Y.%m.%d %H:%M"'),
    "bad_date": Suspect("date_format", "Say how days are written", '"%Y.%m.%d"'),
    "bad_amount": Suspect(
        "numbers", "Say how amounts are written", '{thousands: ",", symbols: ["₩"]}'
    ),
    "bad_integer": Suspect(
        "numbers", "Say how numbers are written", '{thousands: ","}'
    ),
    "bad_boolean": Suspect("values", "Map its words", "{Y: true, N: false}"),
    "orphan": Suspect(
        "columns", "Load the rows it belongs to too, or check which column this is", ""
    ),
    "unknown_status": Suspect("values", "Map its words", "{배송완료: delivered}"),
}
ANY_COLUMN = Suspect("columns", "Check which column this is", "{theirs: ours}")


def refuse_mostly_rejected(staged: StagedFile, located: Written | None) -> None:
    """WrongInput when one reason rejects more than half of five rows or more."""
    problems = suspicions(staged, staged.faults, located)
    if problems:
        raise WrongInput(*problems)


def suspicions(
    staged: StagedFile, faults: Sequence[Fault], located: Written | None
) -> list[Problem]:
    """For each reason that rejects more than half of the rows: which line is wrong."""
    file, rows = staged.file, staged.own_rows
    problems = []
    for reason in dict.fromkeys(fault.reason for fault in faults):
        alike = [fault for fault in faults if fault.reason == reason]
        count = sum(fault.rows for fault in alike)
        if rows < FEWEST_ROWS or 2 * count <= rows:
            continue
        column = alike[0].column
        examples = ", ".join(alike[0].examples)
        shown = f", such as {examples}" if examples else ""
        where = f" in {column}" if column else ""
        problems.append(
            Problem(
                printable(file.name),
                f"{count:,} of {rows:,} rows are {reason}{where}{shown}",
                remedy(file, alike[0], located),
            )
        )
    return problems


def remedy(file: FoundFile, fault: Fault, located: Written | None) -> str:
    """The line of the mapping that is probably wrong, and what to say there."""
    if fault.reason == "no_rate":
        currency = fault.examples[0].strip().upper() if fault.examples else "EUR"
        return (
            f"If the shop counts in it: reporting_currency: {currency} in"
            " dbt_project.yml (make setup-shop). Otherwise load its rates into"
            " exchange_rates."
        )
    column = fault.column
    words = dict.fromkeys(e for e in fault.examples if e.strip().upper() in NULL_WORDS)
    suspect = SUSPECTS.get(fault.reason, ANY_COLUMN)
    if column in file.source.constants:
        suspect = Suspect("constants", f"Correct the constant of {column}", "")
    elif words and len(words) == len(dict.fromkeys(fault.examples)):
        told = ", ".join(f"'{word}'" for word in words)
        suspect = Suspect("nulls", "Say which words mean nothing", f"[{told}]")
    if located is None or not file.keys:
        option = suspect.option or f"a mapping.yml with {suspect.key}"
        return f"{suspect.told}: {option}. {ACCEPT}"
    keys: list[str | int] = [*file.keys, suspect.key]
    theirs = next(
        (
            name
            for name, ours in file.source.columns.items()
            if column is not None and column in ours
        ),
        None,
    )
    if suspect.key in ("values", "constants") and column is not None:
        keys.append(column)
    if suspect.key == "columns" and theirs is not None:
        keys.append(theirs)
    if not located.has(keys[:4]) and located.has(["defaults", suspect.key]):
        keys = ["defaults", suspect.key]
    example = f", such as {suspect.example}" if suspect.example else ""
    line = f"{suspect.told}{example}: {located.where(keys)}."
    if suspect.key != "columns" and theirs is not None:
        mapped = located.where([*file.keys, "columns", theirs])
        line += f" Or {column} is another column: {mapped}."
    return f"{line} {ACCEPT}"
