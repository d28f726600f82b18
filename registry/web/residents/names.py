"""How the words of the register's lists are said to residents."""

from typing import Any, Final

from registry.services.items import Category
from registry.web.words import lazy, translate

__all__ = ["UNKNOWN_CHOICE", "category_names"]

UNKNOWN_CHOICE: Final[dict[str, Any]] = {
    "invalid_choice_message": lazy("Choose one of those in the list."),
    "invalid_value_message": lazy("Choose one of those in the list."),
}
"""What a field of choices answers to a value it did not offer."""


def category_names() -> dict[str, str]:
    """The categories in the reader's language, in the order they are offered."""
    return {
        Category.BICYCLE.value: translate("Bicycle"),
        Category.ELECTRONICS.value: translate("Electronics"),
        Category.TOOL.value: translate("Tools and machines"),
        Category.JEWELLERY.value: translate("Jewellery and watches"),
        Category.SPORTS.value: translate("Sports and leisure"),
        Category.BOAT.value: translate("Boat and outboard motor"),
        Category.VEHICLE.value: translate("Car, motorcycle, trailer"),
        Category.ART.value: translate("Art and antiques"),
        Category.INSTRUMENT.value: translate("Musical instrument"),
        Category.FURNITURE.value: translate("Furniture"),
        Category.MEDICAL.value: translate("Aids and medical devices"),
        Category.OTHER.value: translate("Something else"),
    }
