"""The marks of a register as shelves: a large base that stays, and a small delta of what came since."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.identification.answer import Mark
from registry.identification.bases import encode_many, is_signature, pack
from registry.identification.codes import LONGEST_CODE, SHORTEST_CODE, CodeShelf
from registry.identification.glyphs import encode_glyphs, fold
from registry.identification.parts import Arrays, within
from registry.identification.signatures import SignatureShelf

__all__ = ["Layer"]

_FLUSH = 50_000


@dataclass(frozen=True, eq=False)
class Layer:
    """Marks on shelves by length. ``kit_ids`` are all its kits, ascending, also those without a usable mark."""

    kit_ids: NDArray[np.int64]
    signatures: tuple[SignatureShelf, ...]
    codes: tuple[CodeShelf, ...]
    emissions: NDArray[np.uint16] = field(default_factory=lambda: np.empty(0, dtype=np.uint16))
    """Peak emission of each kit's tracer in nm, 0 without one, in the order of ``kit_ids``; empty: none has one."""

    @classmethod
    def of(cls, marks: Iterable[Mark]) -> "Layer":
        """A layer over marks in any order, taken in a stream; a kit given twice counts as given last."""
        arrivals: list[int] = []
        emissions = array("H")
        signatures: dict[int, _Column] = {}
        codes: dict[int, _Column] = {}
        for number, mark in enumerate(marks):
            arrivals.append(mark.kit_id)
            emissions.append(mark.emission_nm)
            if is_signature(mark.signature):
                signatures.setdefault(len(mark.signature), _Column(is_code=False)).add(number, mark.signature)
            code = fold(mark.code)
            if SHORTEST_CODE <= len(code) <= LONGEST_CODE and "?" not in code:
                codes.setdefault(len(code), _Column(is_code=True)).add(number, code)
        kits = np.array(arrivals, dtype=np.int64)
        last = _last_of_each(kits)
        order = np.argsort(kits[last])
        return cls(
            kits[last][order],
            tuple(
                SignatureShelf.packed(length, rows, ids)
                for length, column in sorted(signatures.items())
                for rows, ids in [column.taken(kits, last)]
                if len(ids)
            ),
            tuple(
                CodeShelf.sorted(rows, ids)
                for _, column in sorted(codes.items())
                for rows, ids in [column.taken(kits, last)]
                if len(ids)
            ),
            np.array(emissions, dtype=np.uint16)[last][order],
        )

    def arrays(self) -> Arrays:
        """What the layer is made of, for a file."""
        named: dict[str, NDArray[Any]] = {"kits": self.kit_ids, "emissions": self.emissions}
        for signatures in self.signatures:
            named |= {f"signatures/{signatures.length}/{name}": part for name, part in signatures.arrays().items()}
        for codes in self.codes:
            named |= {f"codes/{codes.length}/{name}": part for name, part in codes.arrays().items()}
        return named

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Layer":
        """The layer made of ``arrays`` as they were given by its like."""
        signatures, codes = within(arrays, "signatures"), within(arrays, "codes")
        return cls(
            arrays["kits"],
            tuple(SignatureShelf.from_arrays(size, within(signatures, str(size))) for size in _lengths(signatures)),
            tuple(CodeShelf.from_arrays(within(codes, str(size))) for size in _lengths(codes)),
            arrays.get("emissions", np.empty(0, dtype=np.uint16)),
        )

    def __len__(self) -> int:
        return len(self.kit_ids)

    def __contains__(self, kit_id: int) -> bool:
        place = int(np.searchsorted(self.kit_ids, kit_id))
        return place < len(self.kit_ids) and int(self.kit_ids[place]) == kit_id

    def emission_of(self, kit_id: int) -> int:
        """Peak emission of a kit's tracer in nm; 0 without one, and for a kit that is not here."""
        place = int(np.searchsorted(self.kit_ids, kit_id))
        here = place < len(self.emissions) and int(self.kit_ids[place]) == kit_id
        return int(self.emissions[place]) if here else 0

    def without(self, dead: set[int]) -> None:
        """Let every shelf share the set of kits that no longer count."""
        for signatures in self.signatures:
            signatures.dead = dead
        for codes in self.codes:
            codes.dead = dead

    def merged(self, other: "Layer", dead: set[int]) -> "Layer":
        """One layer of this one's living kits and all of another's."""
        gone = np.fromiter(dead, dtype=np.int64, count=len(dead))
        signatures = []
        for length in sorted({shelf.length for shelf in (*self.signatures, *other.signatures)}):
            mine = [shelf for shelf in self.signatures if shelf.length == length]
            theirs = [shelf for shelf in other.signatures if shelf.length == length]
            rows, ids = _joined([(s.planes, s.kit_ids) for s in mine], [(s.planes, s.kit_ids) for s in theirs], gone)
            if len(ids):
                signatures.append(SignatureShelf.packed(length, rows, ids))
        codes = []
        for length in sorted({shelf.length for shelf in (*self.codes, *other.codes)}):
            mine_codes = [(s.glyphs, s.kit_ids) for s in self.codes if s.length == length]
            their_codes = [(s.glyphs, s.kit_ids) for s in other.codes if s.length == length]
            rows, ids = _joined(mine_codes, their_codes, gone)
            if len(ids):
                codes.append(CodeShelf.sorted(rows, ids))
        emissions, kits = _joined(
            [(self.emission_of_each, self.kit_ids)], [(other.emission_of_each, other.kit_ids)], gone
        )
        order = np.argsort(kits)
        return Layer(kits[order].astype(np.int64), tuple(signatures), tuple(codes), emissions[order])

    @property
    def emission_of_each(self) -> NDArray[np.uint16]:
        """``emissions`` in full, shape (n,)."""
        return self.emissions if len(self.emissions) else np.zeros(len(self), dtype=np.uint16)


def _lengths(arrays: Arrays) -> list[int]:
    return sorted({int(name.partition("/")[0]) for name in arrays})


def _joined(
    mine: Sequence[tuple[NDArray[Any], NDArray[np.integer]]],
    theirs: Sequence[tuple[NDArray[Any], NDArray[np.integer]]],
    gone: NDArray[np.int64],
) -> tuple[NDArray[Any], NDArray[np.integer]]:
    parts = [(rows[keep], ids[keep]) for rows, ids in mine for keep in [~np.isin(ids, gone)]]
    parts += list(theirs)
    return np.concatenate([rows for rows, _ in parts]), np.concatenate([ids for _, ids in parts])


def _last_of_each(kits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which arrivals are the last of their kit."""
    last = np.zeros(len(kits), dtype=bool)
    _, first_from_behind = np.unique(kits[::-1], return_index=True)
    last[len(kits) - 1 - first_from_behind] = True
    return last


@dataclass(eq=False)
class _Column:
    """Marks of one kind and length on their way to a shelf; texts become numbers every so often."""

    is_code: bool
    waiting: list[str] = field(default_factory=list)
    arrivals: list[int] = field(default_factory=list)
    blocks: list[NDArray[Any]] = field(default_factory=list)

    def add(self, arrival: int, text: str) -> None:
        self.arrivals.append(arrival)
        self.waiting.append(text)
        if len(self.waiting) >= _FLUSH:
            self._flush()

    def taken(self, kits: NDArray[np.int64], last: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """The rows that count, and their kits."""
        self._flush()
        arrivals = np.array(self.arrivals, dtype=np.int64)
        keep = last[arrivals]
        return np.concatenate(self.blocks)[keep], kits[arrivals[keep]]

    def _flush(self) -> None:
        if not self.waiting:
            return
        length = len(self.waiting[0])
        if self.is_code:
            self.blocks.append(encode_glyphs("".join(self.waiting)).reshape(len(self.waiting), length))
        else:
            self.blocks.append(pack(encode_many(self.waiting, length)))
        self.waiting.clear()
