"""What is asked for a UV finding, whichever screen asks it: the fields, what is wrong with them, and the note."""

from dataclasses import dataclass
from typing import NamedTuple

from scanner.findings import COLOURS, UvNote
from scanner.wording import Words, is_label

__all__ = [
    "LONGEST_LABEL",
    "LONGEST_SEAL",
    "LONGEST_SPOT",
    "NO_FAULT",
    "WITHDRAWN",
    "Fault",
    "FindingForm",
    "colour_words",
    "finding_said",
]

LONGEST_SPOT = 120
LONGEST_SEAL = 40
LONGEST_LABEL = 13
WITHDRAWN = "withdrawn"
"""What is chosen in place of a colour when a finding was none at all."""


class Fault(NamedTuple):
    """What is wrong, in the reader's language, and with which field.

    ``field`` is ``colour``, ``spot``, ``item``, ``seal`` or ``photo``; empty for what no field can mend. ``text`` is
    empty when nothing is wrong.
    """

    text: str
    field: str = ""


NO_FAULT = Fault("")


@dataclass(frozen=True, slots=True)
class FindingForm:
    """What somebody wrote in the fields. A photo goes beside it: a screen has a path, a page has the file itself."""

    colour: str
    spot: str
    seized_item: str
    seal_number: str

    @classmethod
    def written(cls, colour: str, spot: str, seized_item: str, seal_number: str) -> "FindingForm":
        """The fields with the spaces that count for nothing left out."""
        return cls(colour, *(" ".join(text.split()) for text in (spot, seized_item, seal_number)))

    def fault(self, words: Words, *, correcting: bool) -> Fault:
        """What is wrong with the first field that is not right; NO_FAULT when all are."""
        if self.colour == WITHDRAWN and correcting:
            return NO_FAULT
        if self.colour not in COLOURS:
            return Fault(words("Choose what glows."), "colour")
        if not 2 <= len(self.spot) <= LONGEST_SPOT or not self.spot.isprintable():
            return Fault(words("Write where on the thing."), "spot")
        if not is_label(self.seized_item):
            return Fault(words("Write seizure and number of the item, such as 2:1."), "item")
        if self.seal_number and not (3 <= len(self.seal_number) <= LONGEST_SEAL and self.seal_number.isprintable()):
            return Fault(words("A seal number has 3 to 40 characters."), "seal")
        return NO_FAULT

    def note(self, photo: bytes, earlier: tuple[str, UvNote] | None = None) -> UvNote:
        """The finding. One that corrects ``earlier`` (its key and itself) keeps its photo unless there is another."""
        key, before = earlier or ("", None)
        if before is not None and self.colour == WITHDRAWN:
            return UvNote(before.colour, before.spot, before.seized_item, corrects=key, withdrawn=True)
        kept = photo or (before.photo if before else b"")
        return UvNote(self.colour, self.spot, self.seized_item, self.seal_number, kept, corrects=key)


def colour_words(colour: str) -> str:
    """The English message id of a colour, or of what is chosen in its place."""
    return {"none": "no glow", WITHDRAWN: "withdraw it: there was no finding"}.get(colour, colour)


def finding_said(words: Words, finding: UvNote) -> str:
    """That a finding is stored, in a line."""
    if finding.withdrawn:
        return words("UV finding withdrawn: {spot} → {item}").format(spot=finding.spot, item=finding.seized_item)
    said = words("UV finding stored: {colour}, {spot} → {item}")
    return said.format(colour=words(colour_words(finding.colour)), spot=finding.spot, item=finding.seized_item)
