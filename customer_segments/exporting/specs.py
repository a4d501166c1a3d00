"""Audiences as audience_decisions.yml says them, checked without dbt.

The macro audience_fault decides in a build. What it refuses is refused here, with all
that is wrong at once; a test compares the two.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from yaml import YAMLError

from customer_segments.exporting.problems import WrongSpec
from customer_segments.exporting.settings import checked_settings, nearest
from customer_segments.places import ROOT
from customer_segments.rules.project import Node, Project, meta_of, yaml_file
from customer_segments.rules.rendering import (
    Host,
    RenderingError,
    RuleError,
    open_project,
)

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
VARIABLE = re.compile(r"[A-Za-z가-힣_][A-Za-z0-9가-힣_]{0,62}")
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
REASONS = ("reason_en", "reason_ko")
MANY = 1_000_000
SHARES_TOLERANCE = 0.000001


@dataclass(frozen=True)
class Known:
    """What an audience may name."""

    segments: frozenset[str]
    channels: Mapping[str, Mapping[str, str]]
    destinations: Mapping[str, Mapping[str, str]]
    sources: frozenset[str]
    global_holdout_salt: str


def known_of(info: ValidationInfo) -> Known:
    """What the caller of the validation knows."""
    known = info.context
    assert isinstance(known, Known)
    return known


def not_blank(text: str) -> str:
    """A text that says something; ValueError else."""
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def lower_name(text: str) -> str:
    """A name that files and SQL can have; ValueError else."""
    if not NAME.fullmatch(text):
        raise ValueError("lower case letters, digits and _, a letter first, at most 63")
    return text


def clock_time(text: str) -> str:
    """A time of day; ValueError else."""
    if not CLOCK.fullmatch(text):
        raise ValueError('must be HH:MM in quotes, such as "09:00"')
    return text


Word = Annotated[str, AfterValidator(not_blank)]
Name = Annotated[str, AfterValidator(lower_name)]
Clock = Annotated[str, AfterValidator(clock_time)]
Count = Annotated[int, Field(ge=1, le=MANY)]
GuardCount = Annotated[int, Field(ge=0, le=1_000_000_000)]


class Part(BaseModel):
    """A part of an audience: no key that nobody knows, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def written(given: Any) -> Any:
    """A mapping without the keys that have no value, which are as if not written."""
    if not isinstance(given, Mapping):
        return given
    return {key: value for key, value in given.items() if value is not None}


class Label(Part):
    """What people call an audience."""

    en: Word
    ko: Word


class Segments(Part):
    """Who is in an audience, before anybody is left out."""

    any_of: list[Word] = []
    all_of: list[Word] = []
    none_of: list[Word] = []

    drop_nulls = model_validator(mode="before")(written)

    @field_validator("any_of", "all_of", "none_of")
    @classmethod
    def are_known(cls, names: list[str], info: ValidationInfo) -> list[str]:
        """Segments that exist; ValueError else."""
        for name in names:
            if name not in known_of(info).segments:
                near = nearest(name, known_of(info).segments)
                raise ValueError(f"unknown segment {name}; {near}")
        return names

    @model_validator(mode="after")
    def hold_somebody(self) -> Self:
        """Some segment that people may be in; ValueError else."""
        if not self.any_of and not self.all_of:
            raise ValueError("needs any_of or all_of")
        return self


class Holdout(Part):
    """Who receives nothing, to be compared with."""

    share: float = Field(ge=0, le=0.9)
    salt: str

    @model_validator(mode="after")
    def has_salt(self) -> Self:
        """A salt, when somebody is held out; ValueError else."""
        if self.share > 0 and not self.salt.strip():
            raise ValueError("salt: takes a word")
        return self


class Split(Part):
    """Arms by bucket of a salt, in the order given."""

    salt: Word
    arms: dict[Name, Annotated[float, Field(ge=0.0001, le=1)]]

    @field_validator("arms")
    @classmethod
    def are_a_whole(cls, arms: dict[str, float]) -> dict[str, float]:
        """Two arms or more with shares that add up to 1; ValueError else."""
        if len(arms) < 2:
            raise ValueError("takes two or more, such as {a: 0.5, b: 0.5}")
        if abs(sum(arms.values()) - 1) > SHARES_TOLERANCE:
            raise ValueError("the shares must add up to 1")
        return arms


class Cap(Part):
    """So many messages of the channel and class in so many days."""

    messages: Count
    days: Count


class CoolDown(Part):
    """Days after a purchase in which nothing is offered."""

    days: Count
    product_ids: list[Word] = []
    categories: list[Word] = []


class Priority(Part):
    """A place in a list in which each customer is in one audience."""

    list: Word
    rank: int = Field(ge=-MANY, le=MANY)


class Guards(Part):
    """When nothing leaves."""

    min_rows: GuardCount = 0
    max_rows: GuardCount = 10_000_000
    max_removed_share: float = Field(default=0.5, ge=0, le=1)
    max_added_share: float | None = Field(default=None, ge=0, le=1000)
    max_age_days: GuardCount | None = None

    drop_nulls = model_validator(mode="before")(written)

    @model_validator(mode="after")
    def leave_room(self) -> Self:
        """Some number of rows that is allowed; ValueError else."""
        if self.min_rows > self.max_rows:
            raise ValueError("min_rows is more than max_rows")
        return self


class AudienceSpec(Part):
    """Who receives what through which channel, by which destination."""

    name: Name
    label: Label = Field(description="{en: …, ko: …}, both a text")
    channel: str = Field(description="a channel of seeds/channels.csv")
    message_class: Literal["ad", "info"]
    campaign: Word = Field(
        description="the id of a campaign, in quotes if it looks like a number"
    )
    segments: Segments = Field(description="{any_of: [names], none_of: [names]}")
    third_party: bool = Field(False, description="true or false")
    required_consents: list[Literal["ad", "night_ad", "third_party"]] = Field(
        [], description="a list out of ad, night_ad, third_party"
    )
    holdout: Holdout = Field(
        Holdout(share=0, salt=""), description="{share: 0 to 0.9, salt: a word}"
    )
    split: Split | None = Field(
        None, description="{salt: a word, arms: {a: 0.5, b: 0.5}}"
    )
    limit: int | None = Field(
        None, ge=1, le=100_000_000, description="a whole number from 1 up"
    )
    cap: Cap | None = Field(None, description="{messages: n, days: n}")
    cool_down: CoolDown | None = Field(
        None, description="{days: n}, product_ids or categories if only those count"
    )
    priority: Priority | None = Field(None, description="{list: a name, rank: n}")
    send_window: list[Clock] = Field(
        ["09:00", "20:00"],
        min_length=2,
        max_length=2,
        description='["09:00", "20:00"], in quotes',
    )
    guards: Guards = Field(
        Guards(), description="min_rows, max_rows, max_removed_share and the like"
    )
    destination: str = Field("files", description="a row of seeds/destinations.csv")
    mode: Literal["mirror", "add_only", "snapshot", "trigger"] = "mirror"
    variables: dict[str, str] = Field({}, description="{name in the message: source}")

    drop_nulls = model_validator(mode="before")(written)

    @field_validator("channel")
    @classmethod
    def is_channel(cls, channel: str, info: ValidationInfo) -> str:
        """A channel that exists; ValueError else."""
        return one_of(known_of(info).channels, channel)

    @field_validator("destination")
    @classmethod
    def is_destination(cls, destination: str, info: ValidationInfo) -> str:
        """A destination that exists; ValueError else."""
        return one_of(known_of(info).destinations, destination)

    @field_validator("variables")
    @classmethod
    def may_travel(cls, variables: dict[str, str], info: ValidationInfo) -> Any:
        """Names that templates can have, and sources that may be told; ValueError."""
        for name, source in variables.items():
            if not VARIABLE.fullmatch(name):
                raise ValueError("a name is letters, digits and _, no digit first")
            if source not in known_of(info).sources:
                near = nearest(source, known_of(info).sources)
                raise ValueError(
                    f"{name}: this may not travel into a message or is unknown; {near}"
                )
        return variables

    @model_validator(mode="after")
    def fits_together(self, info: ValidationInfo) -> Self:
        """Keys that go with each other, the channel and the destination; ValueError."""
        known = known_of(info)
        channel = known.channels[self.channel]
        destination = known.destinations[self.destination]
        salts = {known.global_holdout_salt}
        if self.holdout.share > 0:
            salts.add(self.holdout.salt)
        if self.split and self.split.salt in salts:
            raise ValueError("split: salt: takes a word that no holdout has")
        by_number = destination["identifier_form"] == "local_phone"
        if by_number and channel["identifier_kind"] != "phone":
            raise ValueError(
                f"destination: {self.destination} takes phone numbers; channel"
                f" {self.channel} has none"
            )
        if self.message_class == "ad":
            self.may_advertise(channel)
        return self

    def may_advertise(self, channel: Mapping[str, str]) -> None:
        """ValueError when the channel carries no advertising, or not at these hours."""
        if channel["allows_ad"] != "true":
            raise ValueError(
                f"message_class: {self.channel} carries information only; advertising"
                " on Kakao goes by brand_message"
            )
        earliest, latest = channel["ad_from"], channel["ad_until"]
        opens, closes = self.send_window
        is_always = (earliest, latest) == ("00:00", "24:00")
        if not is_always and not earliest <= opens < closes <= latest:
            raise ValueError(
                f"send_window: advertising by {self.channel} goes out from {earliest}"
                f" until {latest}"
            )


def one_of(known: Iterable[str], name: str) -> str:
    """A name that is known; ValueError else."""
    names = set(known)
    if name not in names:
        raise ValueError(f"unknown; {nearest(name, names)}")
    return name


def read_specs(root: Path = ROOT) -> list[AudienceSpec]:
    """The audiences of a project; WrongSpec has a line for each thing wrong."""
    try:
        project = open_project(root)
        known = known_names(project, root)
    except (RenderingError, RuleError, YAMLError) as error:
        problem = str(error)
    else:
        node = project.node("audience_decisions")
        given = meta_of(node).get("audiences")
        return checked_specs([] if given is None else given, yaml_file(node), known)
    raise WrongSpec(f"The project cannot be read; dbt parse says more. {problem}")


def checked_specs(given: Any, file: str, known: Known) -> list[AudienceSpec]:
    """Audiences out of YAML; WrongSpec has a line for each thing wrong."""
    if not isinstance(given, list):
        raise WrongSpec(f"{file}: audiences takes a list")
    specs: list[AudienceSpec] = []
    wrong: list[str] = []
    names: set[Any] = set()
    for one in given:
        named = one.get("name") if isinstance(one, Mapping) else None
        at = f"{file}: audience {named or '(unnamed)'}"
        try:
            spec = checked_settings(AudienceSpec, one, at, known)
        except WrongSpec as problem:
            wrong += problem.lines
            continue
        if spec.name in names:
            wrong.append(f"{at}: name: the name is taken")
        names.add(spec.name)
        specs.append(spec)
    if wrong:
        raise WrongSpec(*wrong)
    return specs


def known_names(project: Project, root: Path = ROOT) -> Known:
    """What the files of a project let an audience name."""
    customers = project.node("customers")
    facts = project.node("int_message_facts")
    protected = set(seed(root, "protected_attributes"))
    return Known(
        frozenset(Host(project, database="none").call("segment_definitions")),
        seed(root, "channels"),
        seed(root, "destinations"),
        frozenset(
            (
                *REASONS,
                *(
                    name
                    for name, meta in described(facts)
                    if meta.get("message") is not None
                ),
                *told_traits(dict(described(customers)), protected),
            )
        ),
        str(project.variables["global_holdout_salt"]),
    )


def told_traits(metas: Mapping[str, Node], protected: set[str]) -> Iterator[str]:
    """Traits that customers gave or know of, and that are not sensitive in origin."""
    traits = {name: meta["trait"] for name, meta in metas.items() if "trait" in meta}
    kept_back = {
        *protected,
        "birth_date",
        *(name for name, one in traits.items() if one["sensitivity"] == "sensitive"),
    }

    for name, trait in traits.items():
        origins = [name]
        for origin in origins:
            further = traits.get(origin, {}).get("derived_from", [])
            origins += [one for one in further if one not in origins]
        if trait["explicit"] and not kept_back.intersection(origins):
            yield name


def described(node: Node) -> Iterator[tuple[str, dict[str, Any]]]:
    """Columns of a model with their meta."""
    for name, column in node["columns"].items():
        yield name, (column.get("config") or {}).get("meta") or {}


def seed(root: Path, name: str) -> dict[str, dict[str, str]]:
    """Rows of a seed by its first column."""
    with (root / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {next(iter(row.values())): row for row in csv.DictReader(file)}


def exposures(specs: Sequence[AudienceSpec]) -> str:
    """The text of exposures.yml: dbt's word for who reads a table."""
    lines = ["exposures:"]
    for spec in specs:
        label = f"{spec.label.en} ({spec.label.ko})"
        where = "" if spec.destination == "files" else f" to {spec.destination}"
        lines += [
            f"  - name: {spec.name}",
            f"    label: {quoted(spec.label.en)}",
            "    type: application",
            "    owner:",
            "      name: crm",
            "      email: crm@shop.example",
            "    description: "
            + quoted(
                f"{label}, {spec.message_class} by {spec.channel}{where}; defined in"
                " audience_decisions.yml."
            ),
            "    depends_on:",
            "      - ref('audience_members')",
        ]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A text as YAML writes it on one line, which is how JSON does."""
    return json.dumps(text, ensure_ascii=False)
