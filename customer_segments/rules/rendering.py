"""A small host for the project's macros: what dbt would render, in a tenth of the time.

dbt needs seconds to start. The macros stay the only compiler of rules; this module
only gives them what dbt would. What it does not offer raises RenderingError.
"""

from __future__ import annotations

import importlib
import json
import os
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from hashlib import md5
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import duckdb
from jinja2 import TemplateRuntimeError, TemplateSyntaxError, nodes
from jinja2.nativetypes import NativeCodeGenerator
from jinja2.parser import Parser
from jinja2.sandbox import SandboxedEnvironment

from customer_segments.loading.quoting import quote_text
from customer_segments.places import ROOT
from customer_segments.rules.project import (
    SCHEMA,
    Project,
    Relation,
    read_project,
)
from customer_segments.yaml_files import NotRead, read_yaml

EXTENSIONS = ("jinja2.ext.do", "jinja2.ext.loopcontrols")
INNER = "macro_of_"
# What a fault is of, in Korean.
KINDS_KO = {"segment": "세그먼트", "audience": "오디언스"}
MODULES = ("re", "datetime", "pytz", "itertools")
# Names that dbt knows and this host does not; used, they say so.
NOT_OFFERED = (
    *("this", "model", "schema", "database", "builtins", "dispatch", "statement"),
    *("is_incremental", "store_result", "load_result", "pre_hooks", "post_hooks"),
    *("invocation_id", "dbt_version", "fromyaml", "toyaml"),
    *("selected_resources", "api", "write", "submit_python_job", "context", "doc"),
)


def schema_name(custom: str | None, _node: Mapping[str, Any]) -> str:
    """What dbt calls the schema of a node whose config names one, or none."""
    return f"{SCHEMA}_{custom}" if custom else SCHEMA


class RuleError(Exception):
    """What the compiler says of a rule that it refuses."""


class RenderingError(Exception):
    """Something here cannot be rendered without dbt; says what and where."""


class Returned(Exception):
    """Carries the value of `return` out of a macro."""

    def __init__(self, value: object) -> None:
        self.value = value


class NotOffered:
    """Stands for a name that dbt would know; any use of it raises RenderingError."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise RenderingError(f"{self._name} is not offered without dbt")

    __call__ = __str__ = __bool__ = __iter__ = __getitem__ = __len__ = _refuse

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("unsafe_callable", "alters_data"):
            raise AttributeError(name)
        self._refuse()


class Answer:
    """Rows of a query in the shape that macros read them."""

    def __init__(self, names: list[str], rows: list[tuple[Any, ...]]) -> None:
        self.column_names = names
        self.rows = rows
        self.columns = [
            SimpleNamespace(name=name, values=lambda index=index: self.values(index))
            for index, name in enumerate(names)
        ]

    def values(self, index: int) -> tuple[Any, ...]:
        """Values of a column."""
        return tuple(row[index] for row in self.rows)


class Adapter:
    """What macros ask of the database."""

    def __init__(self, connection: duckdb.DuckDBPyConnection | None) -> None:
        self._connection = connection

    def quote(self, name: str) -> str:
        """A name as SQL quotes it."""
        return f'"{name}"'

    def get_relation(
        self, database: str, schema: str, identifier: str
    ) -> Relation | None:
        """The relation, if the database has it."""
        if self._connection is None:
            return None
        found = self._connection.execute(
            "select count(*) from information_schema.tables"
            f" where table_catalog = {quote_text(database)}"
            f" and table_schema = {quote_text(schema)}"
            f" and table_name = {quote_text(identifier)}"
        ).fetchone()
        is_there = found is not None and found[0] > 0
        return Relation(database, schema, identifier) if is_there else None

    def __getattr__(self, name: str) -> NoReturn:
        raise RenderingError(f"adapter.{name} is not offered without dbt")


class Modules:
    """Python modules that dbt gives to macros, imported when used."""

    def __getattr__(self, name: str) -> Any:
        if name not in MODULES:
            raise RenderingError(f"modules.{name} is not offered without dbt")
        return importlib.import_module(name)


class MacroParser(Parser):
    """Keeps a macro's own name free, so that its calls of itself go through Macro.

    Else a `return` in an inner call would end the outer ones too.
    """

    def parse_macro(self) -> nodes.Macro:
        """Parse a macro and set it apart."""
        parsed = super().parse_macro()
        parsed.name = f"{INNER}{parsed.name}"
        return parsed


class Environment(SandboxedEnvironment):
    """Jinja as dbt has it."""

    def _parse(
        self, source: str, name: str | None, filename: str | None
    ) -> nodes.Template:
        return MacroParser(self, source, name, filename).parse()


class Macro:
    """A macro of the project; its file is compiled when it is called first."""

    def __init__(self, name: str, path: Path, module: Callable[[], Any]) -> None:
        self._name = name
        self._path = path
        self._module = module
        self._call: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if self._call is None:
            self._call = getattr(self._module(), f"{INNER}{self._name}")
        try:
            return self._call(*arguments, **named)
        except Returned as returned:
            return returned.value
        except (TemplateRuntimeError, TypeError) as error:
            raise RenderingError(f"{self._path.name}: {error}") from error


class NativeEnvironment(SandboxedEnvironment):
    """Keeps a value that an expression gives as what it is: how dbt renders YAML."""

    code_generator_class = NativeCodeGenerator


def compiled(environment: SandboxedEnvironment, source: str, path: Path) -> Any:
    """A template; RenderingError says where its Jinja is wrong."""
    try:
        code = environment.compile(source, path.stem, str(path))
    except TemplateSyntaxError as error:
        raise RenderingError(f"{path}, line {error.lineno}: {error.message}") from error
    return environment.template_class.from_code(
        environment, code, environment.make_globals(None)
    )


def module_of(environment: SandboxedEnvironment, source: str, path: Path) -> Any:
    """The macros of a file."""
    return compiled(environment, source, path).module


def refuse(message: str, _node: object = None) -> NoReturn:
    """Raise what a macro says is wrong with a rule."""
    raise RuleError(message)


def give_back(value: object = None) -> NoReturn:
    """End a macro with a value."""
    raise Returned(value)


def environment_variable(name: str, default: str | None = None) -> str:
    """An environment variable; RenderingError without it and without a default."""
    value = os.environ.get(name, default)
    if value is None:
        raise RenderingError(f"the environment variable {name} is not set")
    return value


def to_json(value: object, default: object = None, sort_keys: bool = False) -> object:
    """JSON of a value; the default for what has none."""
    try:
        return json.dumps(value, sort_keys=sort_keys)
    except ValueError:
        return default


class Variables:
    """`var`: variables of the project, overridden for this run."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __call__(self, name: str, default: Any = None) -> Any:
        if name not in self._values and default is None:
            raise RenderingError(f"there is no variable {name} in dbt_project.yml")
        return self._values.get(name, default)

    def has_var(self, name: str) -> bool:
        """Whether a variable is known."""
        return name in self._values


def rendered_yaml(text: str, variables: Mapping[str, Any]) -> Any:
    """A text of a YAML file with its Jinja rendered; RenderingError when it is wrong.

    A text that is one expression becomes the value of it.
    """
    environment = NativeEnvironment(extensions=EXTENSIONS)
    environment.globals |= {
        "var": Variables(variables),
        "env_var": environment_variable,
        "modules": Modules(),
        **{name: NotOffered(name) for name in (*NOT_OFFERED, "ref", "source")},
    }
    template = compiled(environment, text, Path("YAML"))
    try:
        parts = list(template.root_render_func(template.new_context()))
    except TemplateRuntimeError as error:
        raise RenderingError(f"{text}: {error}") from error
    return parts[0] if len(parts) == 1 else "".join(map(str, parts))


class Host:
    """Renders models and calls macros of a project.

    `database` is the name of the built database in `connection`; without a
    connection there are no tables and nothing can be queried. `variables` override
    those of dbt_project.yml; `stand_ins` says which relations take the place of a
    model's own; `command` is what dbt would be asked to do.
    """

    def __init__(
        self,
        project: Project,
        *,
        database: str,
        connection: duckdb.DuckDBPyConnection | None = None,
        variables: Mapping[str, Any] | None = None,
        stand_ins: Mapping[str, Relation] | None = None,
        command: str = "compile",
        root: Path = ROOT,
    ) -> None:
        self.project = project
        self.database = database
        self.connection = connection
        self.stand_ins = dict(stand_ins or {})
        self.environment = Environment(extensions=EXTENSIONS)
        self.graph: dict[str, Any] = {}
        adapter = Adapter(connection)
        self.environment.globals |= {
            **{name: NotOffered(name) for name in NOT_OFFERED},
            "adapter": adapter,
            "config": self.configure,
            "default__generate_schema_name": schema_name,
            "env_var": environment_variable,
            "exceptions": SimpleNamespace(raise_compiler_error=refuse),
            "execute": True,
            "flags": SimpleNamespace(WHICH=command, EMPTY=False, FULL_REFRESH=False),
            "load_relation": self.load_relation,
            "local_md5": lambda text: md5(text.encode()).hexdigest(),
            "log": lambda *_, **__: "",
            "modules": Modules(),
            "ref": self.ref,
            "return": give_back,
            "run_query": self.run_query,
            "run_started_at": datetime.now(UTC),
            "set": set,
            "source": self.source,
            "target": SimpleNamespace(
                name="duckdb", type="duckdb", schema=SCHEMA, database=database
            ),
            "tojson": to_json,
            "fromjson": json.loads,
            "graph": self.graph,
            "var": Variables({**project.variables, **(variables or {})}),
            "zip": zip,
        }
        for path in sorted((root / "macros").rglob("*.sql")):
            source = path.read_text("utf-8")
            module = cache(partial(module_of, self.environment, source, path))
            for name in re.findall(r"{% macro (\w+)\(", source):
                self.environment.globals[name] = Macro(name, path, module)
        self.use(project)

    def use(self, project: Project) -> None:
        """Take another graph; the macros stay compiled."""
        self.project = project
        # in place: compiled macros hold on to the graph that they saw first
        self.graph.clear()
        self.graph["nodes"] = {
            unique_id: {**node, **self.place(node)}
            for unique_id, node in project.nodes.items()
        }
        self.graph["sources"] = project.sources

    def place(self, node: Mapping[str, Any]) -> dict[str, str]:
        """Where the build keeps a node."""
        config = node["config"]
        names: Any = self.environment.globals.get("generate_schema_name", schema_name)
        return {
            "database": self.database,
            "schema": names(config.get("schema"), node),
            "alias": config.get("alias") or node["name"],
        }

    def configure(self, **given: object) -> str:
        """Take a model's config; where it lies must be said in YAML."""
        for key in ("schema", "database", "alias"):
            if key in given:
                raise RenderingError(f"config({key}=…) is not offered without dbt")
        return ""

    def ref(self, name: str) -> Relation:
        """The relation of a model or seed."""
        if name in self.stand_ins:
            return self.stand_ins[name]
        try:
            place = self.place(self.project.node(name))
        except KeyError as error:
            raise RenderingError(f"ref: there is no model or seed {name}") from error
        return Relation(place["database"], place["schema"], place["alias"])

    def source(self, source: str, name: str) -> Relation:
        """The relation of a raw table."""
        node = self.project.sources.get(f"source.{self.project.name}.{source}.{name}")
        if node is None:
            raise RenderingError(f"source: there is no {source}.{name}")
        return Relation(self.database, node["schema"], node["identifier"])

    def load_relation(self, relation: Relation) -> Relation | None:
        """The relation, if the database has it."""
        return Adapter(self.connection).get_relation(
            relation.database, relation.schema, relation.identifier
        )

    def run_query(self, sql: str) -> Answer:
        """Rows of a query; RenderingError without a database."""
        if self.connection is None:
            raise RenderingError("run_query needs a database")
        ran = self.connection.execute(sql)
        names = [column[0] for column in ran.description or []]
        return Answer(names, ran.fetchall())

    def call(self, macro: str, *arguments: Any) -> Any:
        """Call a macro; RuleError when it refuses a rule."""
        called = self.environment.globals.get(macro)
        if not isinstance(called, Macro):
            raise RenderingError(f"there is no macro {macro}")
        return called(*arguments)

    def render(self, model: str) -> str:
        """SQL of a model, as dbt compiles it; RuleError when a rule is refused."""
        path = self.project.files[self.project.node(model)["unique_id"]]
        # dbt, too, leaves out what surrounds the text
        template = compiled(self.environment, path.read_text("utf-8").strip(), path)
        try:
            return "".join(chain(template.root_render_func(template.new_context())))
        except TemplateRuntimeError as error:
            raise RenderingError(f"{path.name}: {error}") from error


def told_faults(host: Host, root: Path, language: str) -> list[str]:
    """What the compiler noted of rules or audiences, a line each, and where."""
    noted = [
        fault
        for kept in (
            *host.graph.get("rule_languages", {}).values(),
            host.graph.get("audience_language", {}),
        )
        for fault in kept.get("faults", [])
    ]
    written = cache(read_yaml)
    lines: list[str] = []
    for fault in noted:
        (kind, _, name), path = fault["of"].partition(" "), fault["path"]
        try:
            number = written(root / fault["file"]).line_below(name, path)
            line = f" line {number}" if language == "en" else f" {number}행"
        except NotRead:
            line = ""
        of = fault["of"]
        if language == "ko" and kind in KINDS_KO:
            of = f"{KINDS_KO[kind]} {name}"
        place = ": ".join(filter(None, (of, path)))
        lines.append(f"{fault['file']}{line}: {place}: {fault[language]}")
    return list(dict.fromkeys(lines))


def open_project(root: Path = ROOT) -> Project:
    """The project below a folder, its YAML rendered."""
    return read_project(rendered_yaml, root)
