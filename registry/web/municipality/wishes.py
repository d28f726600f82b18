"""What a page's address says of the list that is wanted, and back. Words that were searched for are never kept."""

from enum import StrEnum
from typing import TypeVar

from flask import url_for
from werkzeug.datastructures import MultiDict

from registry.services.equipment import Label, Marking, Order, Wish

__all__ = ["address", "parameters", "wish_of"]

Word = TypeVar("Word", bound=StrEnum)
_LONGEST_SEARCH = 100


def wish_of(values: MultiDict[str, str]) -> Wish:
    """The wish that query or form values make; what is not understood is as if it were not there."""
    return Wish(
        text=values.get("q", "")[:_LONGEST_SEARCH].strip(),
        department=values.get("department", type=int),
        place=values.get("place", type=int),
        marking=_one_of(Marking, values.get("marking", "")),
        label=_one_of(Label, values.get("label", "")),
        order=_one_of(Order, values.get("order", "")),
        items=tuple(dict.fromkeys(values.getlist("item", type=int))),
    )


def parameters(wish: Wish) -> dict[str, object]:
    """The query parameters that say the wish again, without those that stand at their default."""
    told = {
        "q": wish.text,
        "department": wish.department,
        "place": wish.place,
        "marking": wish.marking.value,
        "label": wish.label.value,
        "order": "" if wish.order is Order.NUMBER else wish.order.value,
        "item": list(wish.items),
    }
    return {name: value for name, value in told.items() if value}


def address(endpoint: str, wish: Wish, **changed: object) -> str:
    """The address of ``endpoint`` with the wish, and what ``changed`` replaces in it."""
    values = {**parameters(wish), **changed}
    return url_for(endpoint, **{name: value for name, value in values.items() if value})  # type: ignore[arg-type]


def _one_of(words: type[Word], text: str) -> Word:
    return words(text) if text in set(words) else next(iter(words))
