"""Enrolment of a delivery's marks: whether one is too near to another of the file or of the register.

All are compared at once (registry.identification.near_signatures and near_codes). What is refused becomes a remark
on its line; what is merely near is told once for each delivery and kind, since codes that are numbered in sequence
would otherwise fill pages.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.identification.bases import encode, pack
from registry.identification.enrolment import READ_ERROR, Suitability, code_confusions, confusions, judge_signature
from registry.identification.glyphs import encode_glyphs
from registry.identification.near_codes import Likeness, near_codes
from registry.identification.near_signatures import NONE, Signatures, nearest
from registry.models.kits import Kit
from registry.services.delivery_staging import Staging
from registry.services.tables.remarks import SHOWN, Reason, Remark, Remarks

__all__ = ["hidden", "nearness"]

_PORTION = 20_000
_CODE_WARNINGS = {
    (Likeness.TWIN, True): Reason.TWINS_IN_FILE,
    (Likeness.TWIN, False): Reason.TWINS_IN_REGISTER,
    (Likeness.NEIGHBOUR, True): Reason.NEIGHBOURS_IN_FILE,
    (Likeness.NEIGHBOUR, False): Reason.NEIGHBOURS_IN_REGISTER,
}
_SHARE = {Likeness.TWIN: code_confusions(1, 0), Likeness.NEIGHBOUR: code_confusions(0, 1)}


def nearness(session: Session, staging: Staging, remarks: Remarks) -> tuple[Remark, ...]:
    """Compare the new kits of a delivery with each other and with the register.

    Adds a remark for each mark that is too near another, and returns what is worth knowing of those that are taken.
    """
    new = _Marks()
    batches = _Batches()
    for rows in staging.new_marks():
        lines = np.array([line for line, *_ in rows], dtype=np.int32)
        batches.add(lines, [(supplier, batch) for _, supplier, batch, _, _ in rows])
        new.add(lines, [code for *_, code, _ in rows], [signature for *_, signature in rows])
    registered = _Marks()
    held = session.execute(select(Kit.code, Kit.signature).execution_options(yield_per=_PORTION))
    for portion in held.partitions(_PORTION) if len(batches) else ():
        nobody = np.zeros(len(portion), dtype=np.int32)
        registered.add(nobody, [code for code, _ in portion], [signature for _, signature in portion])
    _judge_codes(new, registered, staging, remarks, batches)
    _judge_signatures(new, registered, staging, remarks, batches)
    return batches.told()


class _Marks:
    """Marks gathered by length as they come: encoded codes, packed signatures, and the line of each (0: registered)."""

    def __init__(self) -> None:
        self._codes: _Columns = defaultdict(list)
        self._signatures: _Columns = defaultdict(list)

    def add(self, lines: NDArray[np.int32], codes: Sequence[str], signatures: Sequence[str]) -> None:
        """Take some; a kit without signature has an empty one."""
        for letters, at in _by_length([code.replace("-", "") for code in codes]):
            self._codes[letters.shape[1]].append((_glyphs(letters), lines[at]))
        for letters, at in _by_length(signatures):
            bases = encode(letters.tobytes().decode()).reshape(letters.shape)
            self._signatures[letters.shape[1]].append((pack(bases), lines[at]))

    def codes(self) -> dict[int, tuple[NDArray[np.uint8], NDArray[np.int32]]]:
        """Codes, shape (n, length), with their lines, by length."""
        return {length: _joined(parts) for length, parts in sorted(self._codes.items())}

    def signatures(self) -> list[Signatures]:
        """The signatures, by length."""
        return [Signatures(length, *_joined(parts)) for length, parts in sorted(self._signatures.items())]


_Columns = defaultdict[int, list[tuple[NDArray[Any], NDArray[np.int32]]]]


def _joined(parts: list[tuple[NDArray[Any], NDArray[np.int32]]]) -> tuple[NDArray[Any], NDArray[np.int32]]:
    return np.concatenate([rows for rows, _ in parts]), np.concatenate([lines for _, lines in parts])


class _Batches:
    """The delivery of each line, and what is worth knowing of it: one remark a delivery and kind."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], int] = {}
        self._parts: list[tuple[NDArray[Any], NDArray[np.int32]]] = []
        self._told: list[Remark] = []

    def __len__(self) -> int:
        return len(self._parts)

    def add(self, lines: NDArray[np.int32], batches: Sequence[tuple[int, str]]) -> None:
        """The next lines and their deliveries (supplier, number)."""
        places = [self._known.setdefault(batch, len(self._known)) for batch in batches]
        self._parts.append((np.array(places, dtype=np.int32), lines))

    def note(
        self, reason: Reason, column: str, found: tuple[NDArray[np.int32], NDArray[np.int32]], **values: int
    ) -> None:
        """``found`` are lines and the other line of each; the first of each delivery is told, the rest counted."""
        lines, others = found
        if not len(lines):
            return
        batches, known = _joined(self._parts)
        of_line = batches[np.searchsorted(known, lines)]
        names = list(self._known)
        for batch, at, count in zip(*np.unique(of_line, return_index=True, return_counts=True), strict=True):
            supplier, number = names[batch]
            line, first = int(lines[at]), int(others[at])
            told = {"batch": number, "supplier": supplier, "line": line, "first": first, "count": int(count), **values}
            self._told.append(Remark(line, column, "", reason, told))

    def told(self) -> tuple[Remark, ...]:
        """The remarks in the order of the file."""
        return tuple(sorted(self._told, key=lambda remark: remark.line))


def _judge_codes(new: _Marks, registered: _Marks, staging: Staging, remarks: Remarks, batches: _Batches) -> None:
    held = registered.codes()
    for length, (codes, lines) in new.codes().items():
        found = near_codes(codes, lines, held[length][0] if length in held else None)
        same = np.flatnonzero(found.others[Likeness.SAME] >= 0)
        values = staging.values("code", lines[same[:SHOWN]].tolist())
        for row in same.tolist():
            line, other = int(lines[row]), int(found.others[Likeness.SAME][row])
            reason = Reason.SAME_WITHOUT_SEPARATORS if other else Reason.SAME_AS_REGISTERED
            remarks.add(line, "kit_code", values.get(line, ""), reason, first=other)
        for (kind, in_file), reason in _CODE_WARNINGS.items():
            others = found.others[kind]
            rows = np.flatnonzero(others > 0 if in_file else others == 0)
            batches.note(reason, "kit_code", (lines[rows], others[rows]), one_in=_one_in(_SHARE[kind]))


def _judge_signatures(new: _Marks, registered: _Marks, staging: Staging, remarks: Remarks, batches: _Batches) -> None:
    mine, held = new.signatures(), registered.signatures()
    refused: list[tuple[int, int, int, int]] = []
    by_chance: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for result in nearest(mine, held):
        length = result.new.length
        compared = sum(len(one) for one in (*held, *mine) if abs(one.length - length) <= result.new.limit)
        for row in np.flatnonzero(result.edits < NONE).tolist():
            line, other, distance = int(result.new.numbers[row]), int(result.others[row]), int(result.edits[row])
            if judge_signature(length, distance, compared) is Suitability.REFUSED:
                refused.append((line, other, distance, length))
            else:
                by_chance[distance].append((line, other))
    for distance, pairs in sorted(by_chance.items()):
        lines, others = np.array(sorted(pairs), dtype=np.int32).T
        told = {"distance": distance, "one_in": _one_in(_confused(distance))}
        batches.note(Reason.SHORT_SIGNATURES, "signature", (lines, others), **told)
    values = staging.values("signature", [line for line, *_ in sorted(refused)[:SHOWN]])
    for line, other, distance, length in sorted(refused):
        remarks.add(
            line,
            "signature",
            hidden(values.get(line, "")),
            Reason.NEAR_IN_FILE if other else Reason.NEAR_IN_REGISTER,
            first=other,
            distance=distance,
            one_in=_one_in(_confused(distance)),
            allowed=length // 4,
            length=length,
        )


def hidden(signature: str) -> str:
    """The start of a signature: whoever knows all of it can forge the mark."""
    return f"{signature[:8]}…" if len(signature) > 8 else signature


def _confused(distance: int) -> float:
    return confusions([READ_ERROR / 3] * distance)


def _one_in(chance: float) -> int:
    """A chance as one in so many."""
    return round(min(1 / chance, 1e9))


def _glyphs(letters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return encode_glyphs(letters.tobytes().decode()).reshape(letters.shape)


def _by_length(texts: Sequence[str]) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.intp]]]:
    """ASCII texts as bytes, shape (n, length), a length at a time, with their places; empty ones are left out."""
    lengths = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
    starts = np.cumsum(lengths) - lengths
    letters = np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8)
    for length in np.unique(lengths[lengths > 0]).tolist():
        at = np.flatnonzero(lengths == length)
        yield letters[starts[at, None] + np.arange(length)], at
