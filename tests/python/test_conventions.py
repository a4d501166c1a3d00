"""What every file here has in common: each convention is a function, its docstring
the rule, its result what breaks it.

Conventions read the manifest of a build, the files below the repository's root and the
columns that the built tables really have. A second test plants a violation of each, so
that none of them passes because it looks at nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from customer_segments.yaml_files import known_yaml
from tests.python.warehouse import ROOT, Warehouse

PACKAGE = "customer_segments"

# From left to right: what stands in a room may know only rooms before it.
ROOMS = (
    "staging",
    "quarantine",
    "marts/customers",
    "marts/accounts",
    "marts/segments",
    "marts/audiences",
    "marts/campaigns",
    "marts/insights",
)

# Rows that could not be used are what these are about.
READERS_OF_QUARANTINED_ROWS = frozenset(
    {"row_fates", "quarantined_rows", "int_unread_wishes"}
)
READERS_OF_THE_LOADERS_NOTES = frozenset(
    {"load_manifest", "row_fates", "quarantined_rows", "int_unread_wishes"}
)
# A row of a table of the shop's database has neither a file nor a number.
WITHOUT_KEY = frozenset({"quarantined_rows", "stg_erased_rows"})

CLOCKS_AND_CHANCE = {
    "the wall clock": r"\b(now|today|getdate|get_current_\w+|transaction_timestamp"
    r"|sysdate|utcnow)\s*\(|\b(current_date|current_time|current_timestamp|localtime"
    r"|localtimestamp|run_started_at)\b",
    "chance": r"\b(random|rand|uuid|uuidv[47]|gen_random_uuid|newid|setseed)\s*\("
    r"|\|\s*random\b|\b(tablesample|using\s+sample)\b",
    "a ranking that splits ties": r"\b(ntile|percent_rank|cume_dist)\s*\(",
    "a hash of the engine": r"\b(hash|xxhash64|murmur\w*)\s*\(",
    "`not in` over rows, which a null empties": r"\bnot\s+in\s*\(\s*select\b",
}
MAY_READ_THE_CLOCK = frozenset({"macros/clock/as_of_day.sql"})

ENGINE_ROOM = "macros/engine/"
COMPILER = "macros/rules/"
RULES = frozenset({"segment_rules", "audience_rules"})
# Words of one engine that are written here so that both read them alike.
SHARED_EXPRESSIONS = {"macros/texts/": {"patterns", "text"}}
# Which engine it is, and functions that one of them lacks or understands otherwise.
ONE_ENGINE_ONLY = {
    "which engine it is": r"\btarget\s*\.\s*(type|name)\b|\badapter\.(dispatch|type)\b"
    r"|\b(duckdb|spark)__\w+",
    "patterns": r"\b(regexp_\w+|rlike|similar\s+to)\b",
    "lists": r"\b(unnest|explode|generate_series|sequence|list_\w+|array_\w+"
    r"|string_agg|listagg)\s*\(",
    "time": r"\bat\s+time\s+zone\b|\b(epoch\w*|date_?diff|timestampdiff|date_trunc"
    r"|date_part|date_format|to_timestamp|from_utc_timestamp"
    r"|convert_timezone)\s*\(",
    "text": r"(?<!\.)\b([lr]?trim|lower|translate|format|printf|strip_accents)\s*\(",
    "digests": r"\b(md5|sha1|sha2|sha256|conv|unhex|from_hex)\s*\(",
    "files": r"\b(read_parquet|read_csv\w*|glob)\s*\(",
    "json": r"\bjson_(?!text\b)\w+\s*\(|\b\w+_json\w*\s*\(|->",
    "columns": r"\b(exclude|except)\s*\(|\bcolumns\s*\(",
}

# What a number of a trait counts; text, days and booleans have none.
UNITS = frozenset(
    {
        *("days", "hours", "minutes", "years", "clock_hour", "orders", "products"),
        *("carts", "coupons", "messages", "searches", "views", "actions", "tickets"),
        *("devices", "fields", "points", "score", "share", "money"),
    }
)
TRAIT_KEYS = frozenset({"label", "party", "sensitivity", "explicit", "examples"})
TRAIT_OPTIONS = frozenset(
    {"unit", "kind", "values", "labels", "derived_from", "per_day", "phrases", "reason"}
    | {"needs", "needs_days", "is_region", "labels_of"}
)
# Attributes of customers, beside columns, that traits are derived from.
ATTRIBUTES = frozenset({"likes"})


@dataclass
class Project:
    """What conventions look at."""

    manifest: dict[str, Any]
    sql: dict[str, str]
    columns: dict[str, list[str]]
    yaml_files: dict[str, Any]

    def nodes(self, kind: str) -> Iterator[dict[str, Any]]:
        """Models, seeds or tests of this project, by name."""
        for node in sorted(
            self.manifest["nodes"].values(), key=lambda one: one["name"]
        ):
            if node["resource_type"] == kind and node["package_name"] == PACKAGE:
                yield node

    def macros(self) -> Iterator[dict[str, Any]]:
        """Macros of this project, by name, generic tests not."""
        for macro in sorted(
            self.manifest["macros"].values(), key=lambda one: one["name"]
        ):
            path = macro["original_file_path"]
            if macro["package_name"] == PACKAGE and path.startswith("macros/"):
                yield macro

    def parents(self, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Models that a model reads."""
        for name in node["depends_on"]["nodes"]:
            if name.startswith("model."):
                yield self.manifest["nodes"][name]

    def model(self, name: str) -> dict[str, Any]:
        """A model by its name."""
        found: dict[str, Any] = self.manifest["nodes"][f"model.{PACKAGE}.{name}"]
        return found


Convention = Callable[[Project], list[str]]
CONVENTIONS: list[Convention] = []


def convention(rule: Convention) -> Convention:
    """List a function among the conventions."""
    assert rule.__doc__
    CONVENTIONS.append(rule)
    return rule


def room(node: dict[str, Any]) -> str:
    """The room a model stands in: a folder below models/ or, of marts, below marts/."""
    parts = Path(node["original_file_path"]).parts[1:-1]
    return "/".join(parts[: 2 if parts[0] == "marts" else 1])


def without_comments(sql: str) -> str:
    """SQL and Jinja without what is only said."""
    return re.sub(r"--[^\n]*", "", re.sub(r"\{#.*?#\}", "", sql, flags=re.DOTALL))


@convention
def every_model_has_a_twin(project: Project) -> list[str]:
    """Beside each model x.sql lies x.yml, which describes that model and nothing else.

    An empty model folder would pass, hence the least number of models.
    """
    models = list(project.nodes("model"))
    wrong = [] if len(models) >= 50 else ["there are hardly any models"]
    for model in models:
        twin = model["original_file_path"].removesuffix(".sql") + ".yml"
        if model["patch_path"] != f"{PACKAGE}://{twin}":
            wrong.append(f"{model['name']}: not described in {twin}")
        elif [one["name"] for one in project.yaml_files[twin]["models"]] != [
            model["name"]
        ]:
            wrong.append(f"{twin}: describes other models too")
    return wrong


@convention
def every_description_ends_with_its_grain(project: Project) -> list[str]:
    """The last sentence about a model says what a row of it is: "One row per …"."""
    return [
        f"{model['name']}: … {model['description'].strip()[-40:]!r}"
        for model in project.nodes("model")
        if not re.search(r"(?:^|\s)One\s+row\b[^.]*\.$", model["description"].strip())
    ]


@convention
def every_table_is_refused_without_its_key(project: Project) -> list[str]:
    """The grain of each model is proved as it is made: no two rows have one key."""
    wrong = []
    for node in [*project.nodes("model"), *project.nodes("seed")]:
        meta = node["config"]["meta"]
        if not any("refuse_malformed" in h["sql"] for h in node["config"]["post-hook"]):
            wrong.append(f"{node['name']}: nothing checks its form")
        if "key" not in meta and node["name"] not in WITHOUT_KEY:
            wrong.append(f"{node['name']}: no key")
        test = meta.get("checked_by")
        if test and f"test.{PACKAGE}.{test}" not in project.manifest["nodes"]:
            wrong.append(f"{node['name']}: no test {test}")
    return wrong


@convention
def every_public_model_has_a_contract(project: Project) -> list[str]:
    """What others may read says, and enforces, type and meaning of each column.

    The columns that are described are those the built table has, in their order.
    """
    wrong = []
    for model in project.nodes("model"):
        if model["access"] != "public":
            continue
        if not model["contract"]["enforced"]:
            wrong.append(f"{model['name']}: the contract is not enforced")
        for column in model["columns"].values():
            for part in ("data_type", "description"):
                if not (column[part] or "").strip():
                    wrong.append(f"{model['name']}.{column['name']}: no {part}")
        if list(model["columns"]) != project.columns[model["name"]]:
            wrong.append(f"{model['name']}: described columns are not those it has")
    return wrong


@convention
def models_are_named_after_their_room(project: Project) -> list[str]:
    """stg_ stands in staging and nowhere else; int_ is a step beside its mart."""
    wrong = []
    for model in project.nodes("model"):
        is_staging = room(model) == "staging"
        is_step = model["name"].startswith("int_")
        if model["name"].startswith("stg_") != is_staging or (
            is_step and (is_staging or model["access"] != "private")
        ):
            wrong.append(f"{model['original_file_path']}: named {model['name']}")
    return wrong


@convention
def every_model_tells_one_story(project: Project) -> list[str]:
    """A file of more than 170 lines or 14 steps is two."""
    wrong = []
    for path, sql in project.sql.items():
        if not path.startswith("models/"):
            continue
        lines = sql.count("\n")
        steps = len(re.findall(r"^\w+(?: \([^)]*\))? as \($", sql, flags=re.MULTILINE))
        if lines > 170 or steps > 14:
            wrong.append(f"{path}: {lines} lines, {steps} steps")
    return wrong


@convention
def only_staging_reads_sources(project: Project) -> list[str]:
    """Raw tables are read in staging, the loader's notes where rows are counted; rules
    are no tables.
    """
    wrong = []
    for model in project.nodes("model"):
        for name in model["depends_on"]["nodes"]:
            kind, _, *source = name.split(".")
            if kind != "source" or room(model) == "staging" or source[0] in RULES:
                continue
            if source[0] == "landing" and model["name"] in READERS_OF_THE_LOADERS_NOTES:
                continue
            wrong.append(f"{model['name']}: reads source {'.'.join(source)}")
    return wrong


@convention
def nothing_is_read_from_the_right(project: Project) -> list[str]:
    """No model stands on one of a room to its right.

    Quarantine is read in quarantine only, but for what the shop gave at all.
    """
    wrong = []
    for model in project.nodes("model"):
        own = room(model)
        if own not in ROOMS:
            wrong.append(f"{model['name']}: {own} is no room")
            continue
        parents = [
            parent
            for parent in project.parents(model)
            if parent["name"] != "data_sources"
        ]
        for origin in sorted({room(parent) for parent in parents}):
            if ROOMS.index(origin) > ROOMS.index(own):
                wrong.append(f"{model['name']} ({own}) stands on {origin}")
            if origin == "quarantine" != own:
                wrong.append(f"{model['name']} ({own}) reads quarantine")
    return wrong


@convention
def every_import_from_staging_says_which_rows(project: Project) -> list[str]:
    """Who reads a stg_ model says by row_state which rows count, there and then."""
    wrong = []
    for path, sql in project.sql.items():
        if Path(path).stem in READERS_OF_QUARANTINED_ROWS:
            continue
        if not path.startswith(("models/", "macros/")):
            continue
        text = re.sub(r"--\s*depends_on:[^\n]*", "", sql)
        for found in re.finditer(r"from\s+\{\{\s*ref\('(stg_\w+)'\)\s*\}\}", text):
            rest = re.split(r"\n\s*\n|\n\s*\)", text[found.end() :], maxsplit=1)[0]
            if not re.match(r"\s*where\b.*\brow_state\b", rest, flags=re.DOTALL):
                wrong.append(f"{path}: {found[1]} without row_state")
    return wrong


@convention
def nothing_depends_on_clock_or_chance(project: Project) -> list[str]:
    """SQL knows one clock, as_of_date(), no chance, no ranking that splits ties, and no
    hash that changes with the engine.
    """
    return [
        f"{path}: {what}: {found[0]}"
        for path, sql in project.sql.items()
        if path not in MAY_READ_THE_CLOCK
        for what, pattern in CLOCKS_AND_CHANCE.items()
        for found in [re.search(pattern, without_comments(sql), flags=re.IGNORECASE)]
        if found
    ]


@convention
def engines_differ_in_one_room(project: Project) -> list[str]:
    """Only macros/engine/ knows which engine it is, and what only one understands.

    There are at most twelve expressions beside the one macro that asks, and each goes
    through it.
    """
    wrong = [
        f"{path}: {what}: {found[0]}"
        for path, sql in project.sql.items()
        if not path.startswith(ENGINE_ROOM)
        for what, pattern in ONE_ENGINE_ONLY.items()
        if what not in SHARED_EXPRESSIONS.get(path[: path.rindex("/") + 1], ())
        for found in [re.search(pattern, without_comments(sql))]
        if found
    ]
    chooser = f"{ENGINE_ROOM}by_engine.sql"
    wrong += [
        f"{path}: asks for the engine itself"
        for path, sql in project.sql.items()
        if path.startswith(ENGINE_ROOM) and path != chooser and "target." in sql
    ]
    expressions = [
        path
        for path in project.sql
        if path.startswith(ENGINE_ROOM) and path.count("/") == 2 and path != chooser
    ]
    if not 5 <= len(expressions) <= 12:
        wrong.append(f"{ENGINE_ROOM}: {len(expressions)} expressions")
    return wrong + [
        f"{path}: the same on both engines"
        for path in expressions
        if "by_engine(" not in project.sql[path]
    ]


@convention
def every_macro_is_described(project: Project) -> list[str]:
    """A macro has a description in YAML, and each of its arguments too.

    Those of the compiler that nothing outside calls are its own affair.
    """
    wrong = []
    for macro in project.macros():
        if is_inner(macro, project):
            continue
        if not macro["patch_path"] or not macro["description"].strip():
            wrong.append(f"{macro['original_file_path']}: no description in YAML")
            continue
        for argument in macro["arguments"]:
            if not (argument["description"] or "").strip():
                wrong.append(f"{macro['name']}: argument {argument['name']}")
    return wrong


def is_inner(macro: dict[str, Any], project: Project) -> bool:
    """Tell whether a macro of the compiler is called in the compiler only."""
    called = re.compile(rf"\b{macro['name']}\(")
    return macro["original_file_path"].startswith(COMPILER) and not any(
        called.search(sql)
        for path, sql in project.sql.items()
        if not path.startswith(COMPILER)
    )


@convention
def every_macro_has_its_own_file(project: Project) -> list[str]:
    """One macro a file, and the file bears its name; the compiler keeps several."""
    return [
        f"{path}: defines {', '.join(names) or 'nothing'}"
        for path, sql in project.sql.items()
        if path.startswith("macros/") and not path.startswith(COMPILER)
        for names in [re.findall(r"\{%-?\s*(?:macro|materialization)\s+(\w+)", sql)]
        if names != [Path(path).stem]
    ]


@convention
def every_seed_is_described(project: Project) -> list[str]:
    """A seed says in x.yml what it decides, and each of its columns what it means."""
    wrong = []
    for seed in project.nodes("seed"):
        twin = seed["original_file_path"].removesuffix(".csv") + ".yml"
        if seed["patch_path"] != f"{PACKAGE}://{twin}" or not seed["description"]:
            wrong.append(f"{seed['name']}: not described in {twin}")
            continue
        described = {
            name for name, column in seed["columns"].items() if column["description"]
        }
        wrong += [
            f"{seed['name']}.{column}: no description"
            for column in project.columns[seed["name"]]
            if column not in described
        ]
    return wrong


@convention
def direct_identifiers_are_marked(project: Project) -> list[str]:
    """A column that names a person is marked `pii: direct` in each table that has it.

    Those are columns called as one that a raw table marks so; `name` only beside a
    customer_id, since products and campaigns have names too.
    """
    direct = {
        name
        for source in project.manifest["sources"].values()
        for name, column in source["columns"].items()
        if column["config"]["meta"].get("pii") == "direct"
    }
    wrong = [] if len(direct) >= 5 else ["raw tables hardly mark anything"]
    for model in project.nodes("model"):
        columns = project.columns[model["name"]]
        for name in columns:
            if name not in direct or (name == "name" and "customer_id" not in columns):
                continue
            meta = model["columns"].get(name, {}).get("config", {}).get("meta", {})
            if meta.get("pii") != "direct":
                wrong.append(f"{model['name']}.{name}: not marked")
    return wrong


@convention
def every_customer_id_is_marked(project: Project) -> list[str]:
    """A customer_id in a public table is marked `pii: quasi`: it leads to a person."""
    return [
        f"{model['name']}.customer_id: not marked"
        for model in project.nodes("model")
        if model["access"] == "public"
        and "customer_id" in model["columns"]
        and model["columns"]["customer_id"]["config"]["meta"].get("pii") != "quasi"
    ]


def is_spoken(text: object) -> bool:
    """Tell whether a text is there in both languages, and in no other."""
    return (
        isinstance(text, dict)
        and set(text) == {"en", "ko"}
        and all(
            isinstance(one, str) and one.strip() == one != "" for one in text.values()
        )
    )


def fits(value: object, data_type: str, trait: dict[str, Any]) -> bool:
    """Tell whether a value is one that a rule could compare the trait with."""
    base = data_type.split("(")[0]
    if base == "boolean":
        return isinstance(value, bool)
    if base == "string":
        return isinstance(value, str) and value in (trait.get("values") or [value])
    if base == "date":
        return bool(re.fullmatch(r"20\d\d-\d\d-\d\d", str(value)))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    is_possible = trait.get("unit") != "share" or 0 <= value <= 1
    return is_possible and (base == "decimal" or isinstance(value, int))


def trait_faults(
    column: dict[str, Any], trait: dict[str, Any], names: set[str]
) -> Iterator[str]:
    """Yield what is missing or inconsistent in what the registry says of a trait."""
    data_type = column["data_type"]
    base = data_type.split("(")[0]
    missing = TRAIT_KEYS - trait.keys()
    if missing:
        yield f"no {', '.join(sorted(missing))}"
        return
    unknown = trait.keys() - TRAIT_KEYS - TRAIT_OPTIONS
    if unknown:
        yield f"nobody knows {', '.join(sorted(unknown))}"
    for key in ("label", "reason"):
        if key in trait and not is_spoken(trait[key]):
            yield f"{key} is not {{en, ko}}"
    if trait["party"] not in ("zero", "first"):
        yield f"party {trait['party']}"
    if trait["sensitivity"] not in ("none", "personal", "sensitive"):
        yield f"sensitivity {trait['sensitivity']}"
    if not isinstance(trait["explicit"], bool):
        yield f"explicit {trait['explicit']}"
    if trait["party"] == "zero" and not trait["explicit"]:
        yield "the customer told us and does not know of it"
    if "reason" in trait and not trait["explicit"]:
        yield "a reason that would tell the customer how they are watched"
    if trait.get("kind", "list") != "list" or ("kind" in trait and base != "string"):
        yield f"kind {trait['kind']}"
    is_number = base in ("int", "bigint", "decimal", "double")
    if is_number != (trait.get("unit") in UNITS) or ("unit" in trait) != is_number:
        yield f"unit {trait.get('unit')} of {data_type}"
    for unit, own_type in (("money", "decimal(18,2)"), ("share", "decimal(5,4)")):
        if (trait.get("unit") == unit) != (data_type == own_type):
            yield f"unit {trait.get('unit')} of {data_type}"
    if trait.get("per_day") not in {None, 1, -1} or (
        "per_day" in trait and trait.get("unit") != "days"
    ):
        yield f"per_day {trait['per_day']}"
    phrases = trait.get("phrases") or {}
    if base == "boolean":
        if set(phrases) != {"yes", "no"} or not all(
            is_spoken(phrase) for phrase in phrases.values()
        ):
            yield "no phrases for yes and no"
        elif phrases["yes"] == phrases["no"]:
            yield "yes and no are the same"
    elif "phrases" in trait:
        yield f"phrases of {data_type}"
    examples = trait["examples"]
    if not isinstance(examples, list) or not 2 <= len(examples) <= 4:
        yield "not two to four examples"
    else:
        if len({str(example) for example in examples}) < len(examples):
            yield "an example twice"
        for example in examples:
            if not fits(example, data_type, trait):
                yield f"example {example} of {data_type}"
    for origin in trait.get("derived_from", []):
        if origin not in names | ATTRIBUTES:
            yield f"derived from {origin}, which is nothing"


@convention
def every_trait_is_complete(project: Project) -> list[str]:
    """The registry says of each trait what rules, texts and people need: label, unit,
    who it comes from, how sensitive it is, whether the customer knows of it, and
    examples of its type; only what the customer knows of may be told as a reason.
    """
    names = {
        column
        for source in project.manifest["sources"].values()
        for column in source["columns"]
    } | set(project.model("customers")["columns"])
    wrong = []
    traits = 0
    for column in project.model("customers")["columns"].values():
        trait = column["config"]["meta"].get("trait")
        if trait:
            traits += 1
            wrong += [
                f"{column['name']}: {fault}"
                for fault in trait_faults(column, trait, names)
            ]
    return wrong if traits >= 50 else [*wrong, "there are hardly any traits"]


@convention
def every_word_has_a_label(project: Project) -> list[str]:
    """Each value of a trait has a label in both languages beside it, perhaps other
    names.
    """
    words = [
        (column["name"], value, label)
        for model in project.nodes("model")
        for column in model["columns"].values()
        for trait in [column["config"]["meta"].get("trait", {})]
        for value, label in (trait.get("values") or trait.get("labels") or {}).items()
    ]
    wrong = [] if len(words) >= 30 else ["traits hardly have values"]
    return wrong + [
        f"{trait}: {value}: no label"
        for trait, value, label in words
        if not is_spoken(
            {spoken: label[spoken] for spoken in label if spoken != "also"}
        )
        or not all(isinstance(name, str) and name for name in label.get("also", []))
    ]


@convention
def every_audience_is_an_exposure(project: Project) -> list[str]:
    """Exposures are the audiences: same names, the English label, and what they say of
    channel and message class.
    """
    defined = {
        audience["name"]: audience
        for audience in project.model("audience_definitions")["config"]["meta"][
            "audiences"
        ]
    }
    shown = {
        exposure["name"]: exposure
        for exposure in project.manifest["exposures"].values()
        if exposure["package_name"] == PACKAGE
        and exposure["original_file_path"].startswith("models/marts/audiences/")
    }
    wrong = [f"{name}: no exposure" for name in sorted(defined.keys() - shown.keys())]
    wrong += [f"{name}: no audience" for name in sorted(shown.keys() - defined.keys())]
    for name in sorted(defined.keys() & shown.keys()):
        audience, exposure = defined[name], shown[name]
        said = (exposure["label"], exposure["description"])
        by_channel = f"{audience['message_class']} by {audience['channel']}"
        if said[0] != audience["label"]["en"] or by_channel not in said[1]:
            wrong.append(f"{name}: the exposure says {said}")
        if exposure["depends_on"]["nodes"] != [f"model.{PACKAGE}.audience_members"]:
            wrong.append(f"{name}: the exposure does not read audience_members")
    return wrong


@convention
def every_law_says_its_sentence(project: Project) -> list[str]:
    """A law is tests/data/assert_<sentence>.sql and returns the rows that break it."""
    laws = [path for path in project.sql if path.startswith("tests/data/")]
    wrong = [] if laws else ["there are no laws"]
    for path in laws:
        lines = project.sql[path].rstrip().splitlines()
        if not re.fullmatch(r"assert(_[a-z0-9]+){2,}", Path(path).stem):
            wrong.append(f"{path}: no sentence")
        if not re.fullmatch(r"select \* from \w+", lines[-1]):
            wrong.append(f"{path}: ends in {lines[-1]!r}")
    return wrong


@pytest.fixture(scope="module")
def project(shop: Warehouse) -> Project:
    """The project as it was built for the shop."""
    columns: dict[str, list[str]] = {}
    for table, column in shop.query(
        """
        select table_name, column_name from duckdb_columns()
        where schema_name like 'main%' order by table_name, column_index
        """
    ):
        columns.setdefault(table, []).append(column)
    return Project(
        manifest=json.loads((shop.folder / "target" / "manifest.json").read_text()),
        sql={
            path.relative_to(ROOT).as_posix(): path.read_text()
            for folder in ("models", "macros", "tests/data", "tests/generic")
            for path in sorted((ROOT / folder).rglob("*.sql"))
        },
        columns=columns,
        yaml_files={
            path.relative_to(ROOT).as_posix(): known_yaml(path)
            for path in sorted((ROOT / "models").rglob("*.yml"))
        },
    )


@pytest.mark.parametrize("rule", CONVENTIONS, ids=lambda rule: rule.__name__)
def test_the_project_keeps(rule: Convention, project: Project) -> None:
    wrong = rule(project)
    assert not wrong, "\n".join([rule.__doc__ or "", *wrong])


def describe_elsewhere(project: Project) -> None:
    project.model("orders")["patch_path"] = f"{PACKAGE}://models/all.yml"


def forget_the_grain(project: Project) -> None:
    project.model("orders")["description"] = "One row per order. And more."


def forget_a_key(project: Project) -> None:
    del project.model("orders")["config"]["meta"]["key"]


def drop_a_description(project: Project) -> None:
    project.model("orders")["columns"]["order_id"]["description"] = " "


def move_a_staging_model(project: Project) -> None:
    project.model("stg_orders")["original_file_path"] = (
        "models/marts/audiences/stg_orders.sql"
    )


def add_many_steps(project: Project) -> None:
    project.sql["models/marts/customers/purchases/orders.sql"] += "\nmore as (\n)" * 15


def read_a_source(project: Project) -> None:
    project.model("orders")["depends_on"]["nodes"].append(
        f"source.{PACKAGE}.raw.orders"
    )


def read_from_the_right(project: Project) -> None:
    project.model("int_customer_profiles")["depends_on"]["nodes"].append(
        f"model.{PACKAGE}.segment_members"
    )


def import_all_rows(project: Project) -> None:
    path = "models/marts/customers/purchases/orders.sql"
    project.sql[path] = project.sql[path].replace("where row_state = 'kept'", "", 1)


def read_the_clock(project: Project) -> None:
    project.sql["models/marts/customers/purchases/orders.sql"] += (
        "where ordered_on < today()"
    )


def ask_for_the_engine(project: Project) -> None:
    project.sql["macros/rows/fault.sql"] += "{{ target.type }}"


def forget_an_argument(project: Project) -> None:
    for macro in project.macros():
        if macro["name"] == "bucket":
            macro["arguments"][0]["description"] = ""


def add_a_second_macro(project: Project) -> None:
    project.sql["macros/rows/fault.sql"] += "{% macro more() %}{% endmacro %}"


def forget_a_seed(project: Project) -> None:
    project.manifest["nodes"][f"seed.{PACKAGE}.channels"]["patch_path"] = None


def unmark_an_address(project: Project) -> None:
    project.model("customers")["columns"]["email"]["config"]["meta"] = {}


def unmark_a_customer(project: Project) -> None:
    project.model("orders")["columns"]["customer_id"]["config"]["meta"] = {}


def forget_a_unit(project: Project) -> None:
    del project.model("customers")["columns"]["order_count"]["config"]["meta"]["trait"][
        "unit"
    ]


def lose_a_label(project: Project) -> None:
    stage = project.model("customers")["columns"]["purchase_stage"]
    stage["config"]["meta"]["trait"]["values"]["at_risk"] = {"en": "Slipping away"}


def lose_an_exposure(project: Project) -> None:
    del project.manifest["exposures"][f"exposure.{PACKAGE}.win_back"]


def misname_a_law(project: Project) -> None:
    project.sql["tests/data/test_orders.sql"] = "select * from orders"


VIOLATIONS: list[tuple[Convention, Callable[[Project], None]]] = [
    (every_model_has_a_twin, describe_elsewhere),
    (every_description_ends_with_its_grain, forget_the_grain),
    (every_table_is_refused_without_its_key, forget_a_key),
    (every_public_model_has_a_contract, drop_a_description),
    (models_are_named_after_their_room, move_a_staging_model),
    (every_model_tells_one_story, add_many_steps),
    (only_staging_reads_sources, read_a_source),
    (nothing_is_read_from_the_right, read_from_the_right),
    (every_import_from_staging_says_which_rows, import_all_rows),
    (nothing_depends_on_clock_or_chance, read_the_clock),
    (engines_differ_in_one_room, ask_for_the_engine),
    (every_macro_is_described, forget_an_argument),
    (every_macro_has_its_own_file, add_a_second_macro),
    (every_seed_is_described, forget_a_seed),
    (direct_identifiers_are_marked, unmark_an_address),
    (every_customer_id_is_marked, unmark_a_customer),
    (every_trait_is_complete, forget_a_unit),
    (every_word_has_a_label, lose_a_label),
    (every_audience_is_an_exposure, lose_an_exposure),
    (every_law_says_its_sentence, misname_a_law),
]


def test_every_convention_has_a_violation() -> None:
    assert [rule for rule, _ in VIOLATIONS] == CONVENTIONS


@pytest.mark.parametrize(
    ("rule", "violate"), VIOLATIONS, ids=[rule.__name__ for rule, _ in VIOLATIONS]
)
def test_a_planted_violation_is_found_by(
    rule: Convention, violate: Callable[[Project], None], project: Project
) -> None:
    changed = deepcopy(project)
    violate(changed)
    assert set(rule(changed)) - set(rule(project))


# One change each that the registry must not take: column, key, value.
UNFIT_TRAITS: tuple[tuple[str, str, object], ...] = (
    ("order_count", "label", {"en": "Orders"}),
    ("order_count", "label", {"en": "Orders", "ko": " "}),
    ("order_count", "party", "third"),
    ("order_count", "sensitivity", "secret"),
    ("order_count", "explicit", "yes"),
    ("order_count", "unit", "money"),
    ("order_count", "unit", "furlongs"),
    ("order_count", "kind", "list"),
    ("order_count", "per_day", 1),
    ("order_count", "colour", "blue"),
    ("order_count", "examples", [1]),
    ("order_count", "examples", [1, 1]),
    ("order_count", "examples", [1, 2.5]),
    ("order_count", "examples", [1, True]),
    ("order_count", "examples", ["1", "2"]),
    ("order_count", "phrases", {"yes": {"en": "y", "ko": "y"}}),
    ("order_count", "derived_from", ["magic"]),
    ("net_revenue", "unit", "orders"),
    ("discount_share", "examples", [0.5, 1.5]),
    ("purchase_stage", "examples", ["existing", "asleep"]),
    ("purchase_stage", "unit", "days"),
    ("last_ordered_on", "examples", ["2026-01-01", "soon"]),
    ("has_used_app", "examples", ["yes", "no"]),
    ("has_used_app", "phrases", {"yes": {"en": "a", "ko": "b"}}),
    ("days_since_last_active", "reason", {"en": "we saw you", "ko": "보았습니다"}),
    ("age_band", "explicit", False),
)


@pytest.mark.parametrize(("column", "key", "value"), UNFIT_TRAITS)
def test_an_unfit_trait_is_found(
    column: str, key: str, value: object, project: Project
) -> None:
    changed = deepcopy(project.model("customers")["columns"][column])
    changed["config"]["meta"]["trait"][key] = value
    names = set(project.model("customers")["columns"]) | {"birth_date"}
    assert list(trait_faults(changed, changed["config"]["meta"]["trait"], names))
