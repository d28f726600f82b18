"""DNA signatures of 20 to 128 bases: which of them a read may come from, and how likely.

A shelf holds the signatures of one length, packed, sorted by kit. A search trims the read, compares it, and scores
the nearest signatures by likelihood; see docs/identification.md for the model.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from registry.identification.alignment import Step, base_alignment, base_path
from registry.identification.answer import Alignment, Mark, PrimerPair
from registry.identification.bases import (
    LONGEST_SIGNATURE,
    SHORTEST_SIGNATURE,
    UNKNOWN,
    Read,
    encode,
    encode_many,
    is_signature,
    pack,
    unpack,
    unpack_codes,
)
from registry.identification.distance import Ends, distances
from registry.identification.evidence import Columns, frame_background
from registry.identification.primers import Region, regions

__all__ = ["SignatureHit", "SignatureIndex", "SignatureShelf", "expected_log_ratio"]

SUBSTITUTED, INSERTED, DELETED = 0.4, 0.3, 0.3
"""Shares of the kinds of error in a base-called read."""

ERROR_FLOOR, ERROR_CEILING = 0.01, 0.6
"""No quality is believed beyond these; base callers are over-confident now and then."""

ERROR_SCALES = np.array([0.5, 1.0, 2.0, 4.0])
SCALE_WEIGHTS = np.array([0.25, 0.5, 0.2, 0.05])
"""How far true error rates may lie from what the qualities say, and how often; the likelihood is averaged over them."""

WORST_MEAN_ERROR = 0.2
"""Scaling stops here: a read with more errors on average than this is no longer explained away."""

CLOSELY = 24
"""Nearest signatures of each shelf that are scored by likelihood."""

PLAIN_ERROR = 0.1
"""Error rate assumed when lengths are weighed against each other before scoring."""


class SignatureShelf:
    """Signatures of one length: ``planes`` (n, 2 * words) and ``kit_ids`` (n,), ascending by kit."""

    def __init__(self, length: int, planes: NDArray[np.uint64], kit_ids: NDArray[np.int64]) -> None:
        self.length = length
        self.planes = planes
        self.kit_ids = kit_ids

    @classmethod
    def of(cls, length: int, rows: Sequence[tuple[int, str]]) -> "SignatureShelf":
        """A shelf from (kit, signature) rows in any order."""
        ordered = sorted(rows)
        codes = encode_many([signature for _, signature in ordered], length)
        return cls(length, pack(codes), np.array([kit for kit, _ in ordered], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.kit_ids)

    @cached_property
    def background(self) -> NDArray[np.float64]:
        """P(base) at each place of a signature like these, shape (length, 4).

        Constant parts of one maker thereby weigh nothing as evidence. 200 imagined random signatures keep a small
        shelf from believing its few; at most 20 000 are counted.
        """
        step = max(1, len(self) // 20_000)
        codes = unpack_codes(self.planes[::step], self.length)
        counts = np.stack([(codes == base).sum(axis=0) for base in range(4)], axis=1).astype(np.float64)
        return (counts + 50.0) / (len(codes) + 200.0)

    def rows_of(self, kit_id: int) -> Iterator[int]:
        """Where a kit stands; usually once or not at all."""
        first = int(np.searchsorted(self.kit_ids, kit_id, side="left"))
        last = int(np.searchsorted(self.kit_ids, kit_id, side="right"))
        yield from range(first, last)


@dataclass(frozen=True, eq=False)
class SignatureHit:
    """A kit whose signature was scored against a read."""

    kit_id: int
    log_ratio: float
    distance: float
    signature: str
    background: NDArray[np.float64]
    region: Region
    path: list[Step]
    placements: float
    """Ln of the number of ways in which the read could have been laid along the signature."""

    def alignment(self) -> Alignment:
        """The read laid along the signature, in the signature's direction."""
        return base_alignment(self.signature, self.region.read.text, self.path, reverse_strand=self.region.reverse)

    def columns(self) -> Columns:
        """Likelihoods of what was read at each place and in each gap of the signature, over A, C, G, T and none."""
        length = len(self.signature)
        table = np.ones((2 * length + 1, 5))
        read = self.region.read
        touched = [in_mark for _, in_mark in self.path if in_mark >= 0]
        if touched:
            table[2 * touched[0] : 2 * touched[-1] + 2 : 2, :4] = DELETED * PLAIN_ERROR
        place = -1
        inserted: set[int] = set()
        for in_read, in_mark in self.path:
            place = in_mark if in_mark >= 0 else place
            error = _believed(read.error[max(in_read, 0)])
            row = 2 * place + 1 if in_mark >= 0 else 2 * place + 2
            if in_read < 0:
                table[row] = [DELETED * error] * 4 + [1.0]
            elif in_mark >= 0 or row not in inserted:
                inserted.add(row)
                table[row, :4] = _emissions(int(read.codes[in_read]), error)
                table[row, 4] = INSERTED * error / 4
        marks = np.full(2 * length + 1, 4, dtype=np.intp)
        marks[1::2] = encode(self.signature)
        return Columns(table, frame_background(self.background), marks, self.placements)


class SignatureIndex:
    """Every signature of a register, searched by read."""

    def __init__(self, shelves: Iterable[SignatureShelf], primers: Sequence[PrimerPair]) -> None:
        self.shelves = list(shelves)
        self.primers = tuple(primers)

    @classmethod
    def build(cls, marks: Iterable[Mark], primers: Sequence[PrimerPair] = ()) -> "SignatureIndex":
        """An index over the marks that have a signature of 20 to 128 bases; others are left out."""
        by_length: dict[int, list[tuple[int, str]]] = {}
        for mark in marks:
            if is_signature(mark.signature):
                by_length.setdefault(len(mark.signature), []).append((mark.kit_id, mark.signature))
        return cls((SignatureShelf.of(length, rows) for length, rows in sorted(by_length.items())), primers)

    def __len__(self) -> int:
        return sum(len(shelf) for shelf in self.shelves)

    @property
    def lengths(self) -> range:
        """From the shortest to the longest signature; the allowed lengths when there are none."""
        if not self.shelves:
            return range(SHORTEST_SIGNATURE, LONGEST_SIGNATURE)
        lengths = [shelf.length for shelf in self.shelves]
        return range(min(lengths), max(lengths))

    def regions(self, read: Read) -> list[Region]:
        """Where the signature may lie in a read; the whole read, both ways, comes last."""
        return regions(read, self.primers, self.lengths)

    def search(self, region: Region) -> list[SignatureHit]:
        """Every signature compared with one region of a read; the nearest scored, best first."""
        near: list[tuple[float, SignatureShelf, int]] = []
        for shelf in self.shelves:
            ends = Ends.between(shelf.length, len(region.read), left=region.left, right=region.right)
            edits = distances(shelf.planes, shelf.length, region.read.codes, ends)
            count = min(CLOSELY, len(edits))
            nearest = np.argpartition(edits, count - 1)[:count]
            overlap = min(shelf.length, len(region.read))
            near.extend((_rough(overlap, int(edits[row])), shelf, row) for row in nearest.tolist())
        near.sort(key=lambda item: -item[0])
        hits = [score(shelf, row, region) for _, shelf, row in near[:CLOSELY]]
        return sorted(hits, key=lambda hit: -hit.log_ratio)

    def score_kit(self, kit_id: int, region: Region) -> SignatureHit | None:
        """One kit against one region; None when the kit has no signature here."""
        hits = [score(shelf, row, region) for shelf in self.shelves for row in shelf.rows_of(kit_id)]
        return max(hits, key=lambda hit: hit.log_ratio, default=None)


def score(shelf: SignatureShelf, row: int, region: Region) -> SignatureHit:
    """The log likelihood ratio of a region under one signature, along its cheapest alignment."""
    signature = unpack(shelf.planes[row], shelf.length)
    read = region.read
    ends = Ends.between(shelf.length, len(read), left=region.left, right=region.right)
    path = base_path(signature, read.text, ends)
    log_ratio = _log_ratio(path, encode(signature), read, shelf.background)
    placements = _log_placements(shelf.length, len(read), region, ends)
    seen = _distance(path, signature, read.text)
    return SignatureHit(
        int(shelf.kit_ids[row]), log_ratio - placements, seen, signature, shelf.background, region, path, placements
    )


def _log_ratio(path: Sequence[Step], mark: NDArray[np.uint8], read: Read, background: NDArray[np.float64]) -> float:
    """Ln P(read | mark) / P(read | random mark): matches ln((1-p)/b), substitutions ln(.4p/3/b), gaps ln(.3p).

    ``b`` is the background of the base read, softened by its own error. Averaged over ``ERROR_SCALES``, so that
    qualities that promise too much or too little do not decide.
    """
    if not path:
        return -math.inf
    steps = np.array(path, dtype=np.intp)
    if len(read) == 0:
        return float(len(steps) * math.log(DELETED * ERROR_CEILING))
    in_read, in_mark = steps[:, 0], steps[:, 1]
    # A base that was skipped has the quality of its left neighbour in the read.
    nearest = np.maximum(np.maximum.accumulate(in_read), 0)
    scales = np.minimum(ERROR_SCALES, max(1.0, WORST_MEAN_ERROR / float(read.error.mean())))
    error = _believed(read.error[nearest][None, :] * scales[:, None])
    paired = (in_read >= 0) & (in_mark >= 0)
    base = read.codes[nearest]
    called = paired & (base != UNKNOWN)
    logs = np.where(in_read >= 0, np.log(INSERTED * error), np.log(DELETED * error))
    logs[:, paired] = 0.0
    seen = base[called]
    share = background[in_mark[called], seen]
    wrong = SUBSTITUTED * error[:, called] / 3
    right = 1 - error[:, called]
    agree = mark[in_mark[called]] == seen
    logs[:, called] = np.log(np.where(agree, right, wrong) / (share * right + (1 - share) * wrong))
    return float(np.logaddexp.reduce(logs.sum(axis=1) + np.log(SCALE_WEIGHTS)))


def _log_placements(length: int, region_length: int, region: Region, ends: Ends) -> float:
    """Ln of the number of ways a read could have been laid: two strands unless a primer told, and its free ends."""
    ways = 1 if region.oriented else 2
    if any((ends.read_start, ends.read_end, ends.mark_start, ends.mark_end)):
        ways *= abs(region_length - length) + 1
    return math.log(ways) + region.doubt


def expected_log_ratio(region: Region, length: int) -> float:
    """The log ratio a read of these qualities is expected to reach with its own signature of ``length`` bases."""
    read = region.read[:length] if len(region.read) > length else region.read
    called = read.codes != UNKNOWN
    if not called.any():
        return 0.0
    p = _believed(read.error[called])
    gain = (1 - p) * np.log((1 - p) / 0.25)
    loss = p * (SUBSTITUTED * np.log(SUBSTITUTED * p / 0.75) + (INSERTED + DELETED) * np.log(INSERTED * p))
    ends = Ends.between(length, len(region.read), left=region.left, right=region.right)
    return float((gain + loss).sum()) - _log_placements(length, len(region.read), region, ends)


def _believed(error: NDArray[np.float64]) -> NDArray[np.float64]:
    believed: NDArray[np.float64] = np.clip(error, ERROR_FLOOR, ERROR_CEILING)
    return believed


def _emissions(code: int, error: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(this base was called | base) for A, C, G, T; the same for all when it was not called."""
    if code == UNKNOWN:
        return np.full(4, 0.25)
    emissions = np.full(4, SUBSTITUTED * error / 3)
    emissions[code] = 1 - error
    return emissions


def _rough(overlap: int, edits: int) -> float:
    match = math.log((1 - PLAIN_ERROR) / 0.25)
    return overlap * match + edits * (math.log(INSERTED * PLAIN_ERROR) - match)


def _distance(path: Sequence[Step], mark: str, read: str) -> float:
    """Edits of a path; a base that was not called does not count."""
    return float(
        sum(
            in_read < 0 or in_mark < 0 or (read[in_read] != "N" and read[in_read] != mark[in_mark])
            for in_read, in_mark in path
        )
    )
