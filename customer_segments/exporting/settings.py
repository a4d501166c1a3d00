"""What somebody wrote, read by a pydantic model; errors in words, without values."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from customer_segments.exporting.problems import WrongSpec
from customer_segments.yaml_files import nearest

Model = TypeVar("Model", bound=BaseModel)

# pydantic names the branch of a union or a validator in a place, which nobody wrote
UNWRITTEN = ("function-", "[key]", "tagged-union", "json-or-python", "lax-or-strict")


def checked_settings(
    model: type[Model], given: Any, at: str, context: Any = None
) -> Model:
    """A mapping as settings; WrongSpec has a line for each thing wrong.

    `at` says where it was written: a file, and the name of what the settings are of;
    `context` is what validators of the model may ask for. Neither the lines nor the
    traceback show a value: it may be a secret.
    """
    if not isinstance(given, Mapping):
        raise WrongSpec(f"{at}: write keys with values, such as key: value")
    try:
        return model.model_validate(dict(given), context=context)
    except ValidationError as error:
        lines = list(faults(model, error, at))
    raise WrongSpec(*lines)


def faults(model: type[BaseModel], error: ValidationError, at: str) -> Iterator[str]:
    """A line for each fault: where, what, and what to do."""
    for fault in error.errors(
        include_url=False, include_context=False, include_input=False
    ):
        place = tuple(fault["loc"])
        path = ": ".join(
            str(part) for part in place if not str(part).startswith(UNWRITTEN)
        )
        if fault["type"] == "extra_forbidden":
            owner = model_at(model, place[:-1])
            known = keys_of(owner) if owner else ()
            key = str(place[-1])
            before = path.removesuffix(key).removesuffix(": ")
            where = f"{at}: {before}" if before else at
            yield f"{where}: unknown key {key}; {nearest(key, known)}"
        elif fault["type"] == "missing":
            yield f"{at}: {path} is missing"
        else:
            told = fault["msg"].removeprefix("Value error, ")
            hint = hint_of(model, place) if fault["type"] != "value_error" else ""
            yield f"{at}: {path}: {told}{hint}" if path else f"{at}: {told}"


def hint_of(model: type[BaseModel], place: tuple[int | str, ...]) -> str:
    """What the description of the outermost key says of it, in brackets."""
    for name, field in model.model_fields.items():
        if place and (field.alias or name) == place[0] and field.description:
            return f" ({field.description})"
    return ""


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """The keys that may be written for a model."""
    for name, field in model.model_fields.items():
        yield field.alias or name


def model_at(
    model: type[BaseModel], place: tuple[int | str, ...]
) -> type[BaseModel] | None:
    """The model of a part of a model; None when it is no model."""
    found: Any = model
    for part in place:
        if isinstance(found, type) and issubclass(found, BaseModel):
            fields = {
                field.alias or name: field.annotation
                for name, field in found.model_fields.items()
            }
            if part in fields:
                found = inner_model(fields[str(part)])
        if found is None:
            return None
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def inner_model(annotation: Any) -> type[BaseModel] | None:
    """The model in an annotation such as `Split | None` or `dict[str, Split]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = inner_model(part)
        if found is not None:
            return found
    return None
