"""Bytes to a shape, or a refusal that says which field is wrong and what it may hold."""

import json
from collections.abc import Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from registry.api.problems import InvalidBody

__all__ = ["parse"]

_LONGEST_SHOWN = 60
ShapeType = TypeVar("ShapeType", bound=BaseModel)


def parse(body: bytes, shape: type[ShapeType]) -> ShapeType:
    """The shape in a JSON body; raises InvalidBody for the first thing that is wrong."""
    try:
        content = json.loads(body.decode("utf-8"), object_pairs_hook=_distinct, parse_constant=_no_constant)
        return shape.model_validate(content)
    except ValidationError as refused:
        raise _explained(shape, refused.errors()[0]) from None
    except (ValueError, RecursionError):
        # Also undecodable bytes, a name given twice, NaN, and numbers of thousands of digits.
        raise InvalidBody(
            field="body", value="this content", allowed="a JSON object in UTF-8 without repeated names"
        ) from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError
    return content


def _no_constant(_name: str) -> Any:
    raise ValueError


def _explained(shape: type[BaseModel], error: ErrorDetails) -> InvalidBody:
    path, field, owner = _walk(shape, error["loc"])
    if error["type"] == "extra_forbidden":
        return InvalidBody(field=path, value="this field", allowed=", ".join(sorted(owner.model_fields)))
    value = "nothing" if error["type"] == "missing" else _shown(error["input"])
    if error["type"].startswith("union_tag"):
        return InvalidBody(field=f"{path}.kind", value=_shown_kind(error["input"]), allowed="uv, dot, dna, number")
    if error["type"] == "value_error" and issubclass(owner, BaseModel) and "quality" in owner.model_fields:
        field = owner.model_fields["quality"]
        path, value = f"{path}.quality", "another length"
    extra = field.json_schema_extra if field else None
    allowed = extra.get("allowed") if isinstance(extra, dict) else None
    return InvalidBody(field=path or "body", value=value, allowed=str(allowed or "a JSON object"))


def _walk(shape: type[BaseModel], location: Sequence[int | str]) -> tuple[str, FieldInfo | None, type[BaseModel]]:
    """The JSON path of an error, the field it ends in and the shape that holds it.

    Pydantic puts the kind of an observation into the location; it is no part of the path.
    """
    path: list[str] = []
    owner, field = shape, None
    options: dict[str, type[BaseModel]] = {}
    for step in location:
        if isinstance(step, str) and step in options and (not path or path[-1].isdigit()):
            owner, field, options = options[step], None, {}
            continue
        path.append(str(step))
        if isinstance(step, str) and step in owner.model_fields:
            field = owner.model_fields[step]
            options = _kinds(field.annotation)
            inner = [one for one in get_args(field.annotation) if isinstance(one, type) and issubclass(one, BaseModel)]
            owner = inner[0] if inner and not options else owner
    return ".".join(path), field, owner


def _kinds(annotation: Any) -> dict[str, type[BaseModel]]:
    """The shapes of a list of observations by their kind; empty for any other field."""
    found: dict[str, type[BaseModel]] = {}
    waiting = [annotation]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, BaseModel) and "kind" in one.model_fields:
            found[str(get_args(one.model_fields["kind"].annotation)[0])] = one
        waiting.extend(get_args(one))
    return found


def _shown_kind(value: Any) -> str:
    return _shown(value.get("kind")) if isinstance(value, dict) else _shown(value)


def _shown(value: Any) -> str:
    """What came, in ASCII and short, so that neither a log nor a terminal is misled by it."""
    text = ascii(value)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
