"""The marks of a register as shelves: a large base that stays, and a small delta of what came since."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from registry.identification.answer import Mark
from registry.identification.bases import BASES, LONGEST_SIGNATURE, SHORTEST_SIGNATURE, encode_many, pack, unpack
from registry.identification.codes import LONGEST_CODE, SHORTEST_CODE, CodeShelf
from registry.identification.glyphs import decode_glyphs, encode_glyphs, fold
from registry.identification.kit_rows import rows_of
from registry.identification.parts import Arrays, within
from registry.identification.signatures import SignatureShelf

__all__ = ["Layer", "MarkRow"]

MarkRow: TypeAlias = tuple[int, str, str, int]
"""A kit's number, code, signature and peak emission in nm (0 without a tracer), as a database gives them."""

_PORTION = 20_000
_FOLDED = re.compile(r"[0-9A-Z]*").fullmatch
_SIGNATURE = re.compile(rf"[{BASES}]{{{SHORTEST_SIGNATURE},{LONGEST_SIGNATURE}}}").fullmatch


@dataclass(frozen=True, eq=False)
class Layer:
    """Marks on shelves by length. ``kit_ids`` are all its kits, ascending, also those without a usable mark.

    ``chosen_from`` is set on a layer of marks that were picked out of a larger register by other means: it is weighed
    as that many.
    """

    kit_ids: NDArray[np.integer]
    signatures: tuple[SignatureShelf, ...]
    codes: tuple[CodeShelf, ...]
    emissions: NDArray[np.uint16] = field(default_factory=lambda: np.empty(0, dtype=np.uint16))
    """Peak emission of each kit's tracer in nm, 0 without one, in the order of ``kit_ids``; empty: none has one."""
    chosen_from: int | None = None

    @classmethod
    def of(cls, marks: Iterable[Mark]) -> "Layer":
        """A layer over marks in any order, taken in a stream; a kit given twice counts as given last."""
        return cls.of_rows((mark.kit_id, mark.code, mark.signature, mark.emission_nm) for mark in marks)

    @classmethod
    def of_rows(cls, rows: Iterable[MarkRow], *, indexed: bool = True) -> "Layer":
        """The same over rows of kit, code, signature and emission; only some ten thousand of them are held as objects.

        Without indexes (``indexed``) the layer is made several times as fast, and always searched as a whole.
        """
        arrivals: list[NDArray[np.int64]] = []
        emissions: list[NDArray[np.uint16]] = []
        signatures, codes = _Columns(_packed), _Columns(_encoded)
        stream, first = iter(rows), 0
        while portion := list(islice(stream, _PORTION)):
            arrivals.append(np.array([row[0] for row in portion], dtype=np.int64))
            emissions.append(np.array([row[3] for row in portion], dtype=np.uint16))
            for number, (_, code, signature, _) in enumerate(portion, start=first):
                if _SIGNATURE(signature):
                    signatures.waiting[len(signature)].append((number, signature))
                folded = code if _FOLDED(code) else fold(code)
                if SHORTEST_CODE <= len(folded) <= LONGEST_CODE and "?" not in folded:
                    codes.waiting[len(folded)].append((number, folded))
            first += len(portion)
            signatures.encode()
            codes.encode()
        kits = np.concatenate([np.empty(0, dtype=np.int64), *arrivals])
        last = _last_of_each(kits)
        glows = np.concatenate([np.empty(0, dtype=np.uint16), *emissions])[last]
        order = np.argsort(kits[last])
        return cls(
            kits[last][order],
            tuple(
                SignatureShelf.packed(length, *taken) if indexed else SignatureShelf(length, *_by_kit(*taken))
                for length, taken in signatures.taken(kits, last)
            ),
            tuple(
                CodeShelf.sorted(*taken) if indexed else CodeShelf(*_by_kit(*taken))
                for _, taken in codes.taken(kits, last)
            ),
            glows[order] if glows.any() else glows[:0],
        )

    def arrays(self) -> Arrays:
        """What the layer is made of, for a file.

        Kit numbers are kept in 4 bytes where they fit, and once where a shelf holds all kits of the layer.
        """
        named: dict[str, NDArray[Any]] = {"kits": _narrow(self.kit_ids), "emissions": self.emissions}
        named |= dict(zip(("tracers/nm", "tracers/kits"), self.tracers, strict=True))
        shelves = [("signatures", shelf) for shelf in self.signatures] + [("codes", shelf) for shelf in self.codes]
        for kind, shelf in shelves:
            parts = dict(shelf.arrays())
            parts["kits"] = _narrow(shelf.kit_ids)
            if np.array_equal(shelf.kit_ids, self.kit_ids):
                del parts["kits"]
            named |= {f"{kind}/{shelf.length}/{name}": part for name, part in parts.items()}
        return named

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Layer":
        """The layer made of ``arrays`` as they were given by its like."""
        signatures, codes = within(arrays, "signatures"), within(arrays, "codes")
        all_kits = {"kits": arrays["kits"]}
        layer = cls(
            arrays["kits"],
            tuple(
                SignatureShelf.from_arrays(size, all_kits | within(signatures, str(size)))
                for size in _lengths(signatures)
            ),
            tuple(CodeShelf.from_arrays(all_kits | within(codes, str(size))) for size in _lengths(codes)),
            arrays["emissions"],
        )
        layer.__dict__["tracers"] = (arrays["tracers/nm"], arrays["tracers/kits"])
        return layer

    @cached_property
    def tracers(self) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
        """The emissions that occur, and how many kits have each."""
        kits = np.bincount(self.emissions)
        kits[:1] = 0
        nm = np.flatnonzero(kits)
        return nm.astype(np.uint16), kits[nm].astype(np.int64)

    def emission_of(self, kit_id: int) -> int:
        """Peak emission of a kit's tracer in nm; 0 without one, and for a kit that is not here."""
        rows = rows_of(self.kit_ids, kit_id)
        return int(self.emissions[rows.start]) if rows and len(self.emissions) else 0

    def __len__(self) -> int:
        return len(self.kit_ids) if self.chosen_from is None else self.chosen_from

    def twin(self, chosen_from: int | None = None) -> "Layer":
        """The same marks for another engine: the arrays are shared, what was revoked is not."""
        twin = Layer(
            self.kit_ids,
            tuple(copy(shelf) for shelf in self.signatures),
            tuple(copy(shelf) for shelf in self.codes),
            self.emissions,
            chosen_from,
        )
        twin.__dict__["tracers"] = self.tracers
        return twin

    def agrees(self, mark: Mark) -> bool:
        """Whether a kit is here with this very mark; a code or signature that no shelf takes is not compared."""
        if mark.kit_id not in self:
            return False
        codes = [
            decode_glyphs(shelf.glyphs[row]) for shelf in self.codes for row in rows_of(shelf.kit_ids, mark.kit_id)
        ]
        signatures = [
            unpack(shelf.planes[row], shelf.length)
            for shelf in self.signatures
            for row in rows_of(shelf.kit_ids, mark.kit_id)
        ]
        return codes in ([], [fold(mark.code)]) and signatures in ([], [mark.signature])

    def __contains__(self, kit_id: int) -> bool:
        return len(rows_of(self.kit_ids, kit_id)) > 0

    def without(self, dead: set[int]) -> None:
        """Let every shelf share the set of kits that no longer count."""
        for signatures in self.signatures:
            signatures.dead = dead
        for codes in self.codes:
            codes.dead = dead

    def merged(self, other: "Layer", dead: set[int]) -> "Layer":
        """One layer of this one's living kits and all of another's, indexed anew."""
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
        return self.emissions if len(self.emissions) else np.zeros(len(self.kit_ids), dtype=np.uint16)


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


def _narrow(kit_ids: NDArray[np.integer]) -> NDArray[np.integer]:
    """Kit numbers in 4 bytes each, or in 8 where the register has outgrown those."""
    small = not len(kit_ids) or (int(kit_ids[0]) >= 0 and int(kit_ids[-1]) < 1 << 32)
    return kit_ids.astype(np.uint32 if small else np.int64, copy=False)


def _last_of_each(kits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which arrivals are the last of their kit."""
    last = np.ones(len(kits), dtype=bool)
    if (kits[1:] > kits[:-1]).all():
        return last  # In order, as a database gives them: no kit comes twice.
    last[:] = False
    _, first_from_behind = np.unique(kits[::-1], return_index=True)
    last[len(kits) - 1 - first_from_behind] = True
    return last


def _by_kit(rows: NDArray[Any], ids: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    order = np.argsort(ids, kind="stable")
    return rows[order], ids[order]


def _packed(texts: Sequence[str], length: int) -> NDArray[Any]:
    return pack(encode_many(texts, length))


def _encoded(texts: Sequence[str], length: int) -> NDArray[Any]:
    return encode_glyphs("".join(texts)).reshape(len(texts), length)


class _Columns:
    """Marks of one kind on their way to shelves, by length; ``waiting`` are (arrival, text) not yet numbers."""

    def __init__(self, encode: Callable[[Sequence[str], int], NDArray[Any]]) -> None:
        self.waiting: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        self._encode = encode
        self._encoded: defaultdict[int, list[tuple[NDArray[np.int64], NDArray[Any]]]] = defaultdict(list)

    def encode(self) -> None:
        """Turn the texts into numbers."""
        for length, waiting in self.waiting.items():
            if waiting:
                arrivals, texts = zip(*waiting, strict=True)
                self._encoded[length].append((np.array(arrivals, dtype=np.int64), self._encode(texts, length)))
                waiting.clear()

    def taken(
        self, kits: NDArray[np.int64], last: NDArray[np.bool_]
    ) -> Iterator[tuple[int, tuple[NDArray[Any], NDArray[np.int64]]]]:
        """For each length the rows that count, and their kits; each is given away, so that it is held once."""
        for length in sorted(self._encoded):
            blocks = self._encoded.pop(length)
            arrivals = np.concatenate([numbers for numbers, _ in blocks])
            rows = np.concatenate([encoded for _, encoded in blocks])
            del blocks
            keep = last[arrivals]
            if keep.all():
                yield length, (rows, kits[arrivals])
            elif keep.any():
                yield length, (rows[keep], kits[arrivals[keep]])
