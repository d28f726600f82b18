"""The hand-over receipt (återlämningskvitto): what was given back, to whom, and on what ground, on one A4 page."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import IO, Final

from babel.dates import format_datetime

from labels.language import Language
from labels.markcode import ALPHABET
from labels.pdf import HouseStyle, Pen, Words, words_in, write_pages
from labels.pdf.structure import Structure
from labels.typeface import BOLD, CODE

__all__ = ["GRADES", "Receipt", "check_text", "write_receipt"]

GRADES: Final = {
    4: "The results speak extremely strongly for a match",
    3: "The results speak strongly for a match",
    2: "The results speak for a match",
    1: "The results speak to some extent for a match",
    0: "The results speak neither for nor against a match",
    -1: "The results speak to some extent against a match",
    -2: "The results speak against a match",
    -3: "The results speak strongly against a match",
    -4: "The results speak extremely strongly against a match",
}
"""Words of the scale of conclusions of the Swedish national forensic centre (NFC utlåtandeskala), as message ids."""

CHECK_LENGTH: Final = 10

MARGIN: Final = 22.0
LABEL_COLUMN: Final = 46.0

LONG_FIELDS: Final = {"Description": 5, "Stored at": 2, "Note": 3}
"""Lines that a value may take; all others are cut after one, so that everything fits above the signatures."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the receipt states, as plain values; empty texts are left out, except names to be written by hand.

    ``handed_over_at`` is an aware time in the local zone. ``grade`` is -4 to 4 on the NFC scale, None if nothing was
    graded. ``description`` may be long; it is cut after five lines.
    """

    number: str
    authority: str
    case_number: str
    item_number: str
    description: str
    handed_over_at: datetime
    seizure_number: str = ""
    storage: str = ""
    kit_code: str = ""
    grade: int | None = None
    reading_id: str = ""
    owner_name: str = ""
    handed_over_by: str = ""
    received_by: str = ""
    identity_checked: str = ""
    note: str = ""


def check_text(receipt: Receipt) -> str:
    """Ten characters that change when any value of the receipt changes, in two groups for people to compare.

    They are the first 50 bits of SHA-256 over the values. Who holds the register can compute them again; they are no
    signature, since anybody who has the values can compute them too.
    """
    values = asdict(receipt) | {"handed_over_at": receipt.handed_over_at.isoformat()}
    digest = hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).digest()
    bits = int.from_bytes(digest) >> (256 - 5 * CHECK_LENGTH)
    characters = [ALPHABET[bits >> 5 * place & 31] for place in range(CHECK_LENGTH - 1, -1, -1)]
    return f"{''.join(characters[:5])}-{''.join(characters[5:])}"


def write_receipt(
    stream: IO[bytes],
    receipt: Receipt,
    language: Language = Language.SWEDISH,
    style: HouseStyle | None = None,
    *,
    archive: bool = True,
) -> None:
    """Write ``receipt`` as one A4 page in ``language`` to ``stream``, as PDF/A-2b unless ``archive`` is False.

    It has a structure for screen readers (headings and a paragraph for each row). The same receipt gives the same
    bytes.
    """
    say = words_in(language)
    page = _ReceiptPage(receipt, language, say, style or HouseStyle())
    title = f"{say('Hand-over receipt')} {receipt.number}"
    arms_of = f"{say('Coat of arms')}: {page.sender}"
    write_pages(stream, [page.draw], title=title, language=language, archive=archive, arms_of=arms_of)


class _ReceiptPage:
    def __init__(self, receipt: Receipt, language: Language, say: Words, style: HouseStyle) -> None:
        self._receipt, self._language, self._say, self._style = receipt, language, say, style

    @property
    def sender(self) -> str:
        """Whose coat of arms it is: the house style's organisation, else the authority."""
        return self._style.organisation or self._receipt.authority

    def draw(self, pen: Pen) -> None:
        y = self._heading(pen)
        for title, rows in self._sections():
            filled = [(name, value) for name, value in rows if value]
            if filled:
                y = self._section(pen, y, title, filled)
        self._signatures(pen, max(y + 8, 214))
        self._footer(pen)

    def _sections(self) -> list[tuple[str, list[tuple[str, str]]]]:
        receipt, say = self._receipt, self._say
        when = format_datetime(receipt.handed_over_at, "d MMMM y, HH:mm (z)", locale=self._language.value)
        grade = "" if receipt.grade is None else f"{receipt.grade:+d}  {say(GRADES[receipt.grade])}"
        return [
            (
                say("The item"),
                [
                    ("Case number", receipt.case_number),
                    ("Seizure", receipt.seizure_number),
                    ("Item number", receipt.item_number),
                    ("Description", receipt.description),
                    ("Stored at", receipt.storage),
                ],
            ),
            (
                say("How it was identified"),
                [
                    ("Kit code", receipt.kit_code),
                    ("Grade (NFC scale)", grade.replace("+0", "0").replace("-", "\N{MINUS SIGN}", 1)),
                    ("Reading", receipt.reading_id),
                ],
            ),
            (
                say("The hand-over"),
                [
                    ("Date and time", when),
                    ("Owner, as stated", receipt.owner_name),
                    ("Handed over by", receipt.handed_over_by),
                    ("Received by", receipt.received_by),
                    ("Identity checked", receipt.identity_checked),
                    ("Note", receipt.note),
                ],
            ),
        ]

    def _heading(self, pen: Pen) -> float:
        right, ink = pen.width - MARGIN, self._style.ink
        arms = pen.coat_of_arms(right, 9, 14.5, 20, self._style.coat_of_arms, align=1)
        room = right - MARGIN - (arms + 3 if arms else 0)
        with pen.element(Structure.PARAGRAPH):
            pen.text(MARGIN, 22, self._receipt.authority, 11, BOLD, ink, width=room * 0.65)
        if arms and self.sender != self._receipt.authority:
            with pen.element(Structure.PARAGRAPH):
                pen.text(MARGIN + room, 22, self.sender, 9, colour="#4a5a60", width=room * 0.33, align=1)
        pen.box(MARGIN, 26, right - MARGIN, 0.5, ink)
        with pen.element(Structure.TITLE):
            pen.text(MARGIN, 42, self._say("Hand-over receipt"), 26, BOLD, ink)
        with pen.element(Structure.PARAGRAPH):
            pen.text(right, 36, self._say("Receipt number"), 8, colour="#4a5a60", align=1)
            pen.text(right, 42, self._receipt.number, 13, CODE, align=1)
        return 54

    def _section(self, pen: Pen, y: float, title: str, rows: list[tuple[str, str]]) -> float:
        with pen.element(Structure.HEADING):
            pen.text(MARGIN, y, title, 12, BOLD, self._style.ink)
        y += 2.6
        pen.box(MARGIN, y, pen.width - 2 * MARGIN, 0.15, "#9aa5a9")
        y += 5.4
        column = pen.width - 2 * MARGIN - LABEL_COLUMN
        for name, value in rows:
            most = LONG_FIELDS.get(name, 1)
            with pen.element(Structure.PARAGRAPH):
                pen.text(MARGIN, y, self._say(name), 9.5, colour="#4a5a60", width=LABEL_COLUMN - 3)
                y = pen.paragraph(MARGIN + LABEL_COLUMN, y, value, 10.5, column, most=most) + 1.6
        return y + 4.5

    def _signatures(self, pen: Pen, y: float) -> None:
        width = (pen.width - 2 * MARGIN - 12) / 2
        for x, heading, name in (
            (MARGIN, self._say("Handed over by"), self._receipt.handed_over_by),
            (MARGIN + width + 12, self._say("Received by"), self._receipt.received_by),
        ):
            with pen.element(Structure.HEADING):
                pen.text(x, y, heading, 9.5, BOLD, self._style.ink)
            for line, caption, written in (
                (y + 16, self._say("Signature"), ""),
                (y + 30, self._say("Name in block letters"), name),
                (y + 44, self._say("Place and date"), ""),
            ):
                pen.box(x, line, width, 0.2, "#000000")
                with pen.element(Structure.PARAGRAPH):
                    pen.text(x, line + 3.4, caption, 7.5, colour="#4a5a60")
                    pen.text(x, line - 1, written, 10.5, width=width)

    def _footer(self, pen: Pen) -> None:
        y = pen.height - 24
        pen.box(MARGIN, y, pen.width - 2 * MARGIN, 0.15, "#9aa5a9")
        words = self._say(
            "This receipt shows that the item was handed over. It is no evidence of an offence, and a grade says only "
            "how well the reading agrees with the mark that is registered for the kit, not whether the item was stolen."
        )
        column = pen.width - 2 * MARGIN - 42
        with pen.element(Structure.PARAGRAPH):
            pen.paragraph(MARGIN, y + 4.4, words, 7.5, column, colour="#4a5a60", most=4)
        right = pen.width - MARGIN
        with pen.element(Structure.PARAGRAPH):
            pen.text(right, y + 4.4, self._say("Check characters"), 7.5, colour="#4a5a60", align=1)
            pen.text(right, y + 9.2, check_text(self._receipt), 11, CODE, align=1)
        if not self._style.contact:
            return
        with pen.element(Structure.PARAGRAPH):
            pen.text(MARGIN, pen.height - 9, self._style.contact, 7.5, colour="#4a5a60", width=pen.width - 2 * MARGIN)
