"""How likely a read is under one signature, against a signature made at random: the model of docs/identification.md."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.identification.alignment import base_alignment, base_path
from registry.identification.answer import Alignment
from registry.identification.bases import (
    ERROR_CEILING,
    ERROR_FLOOR,
    OTHERWISE,
    UNKNOWN,
    Read,
    decode,
)
from registry.identification.distance import Ends
from registry.identification.evidence import Columns, frame_background, shared_by_chance
from registry.identification.kernels import compiled
from registry.identification.primers import Region
from registry.identification.repeats import repetition
from registry.identification.signature_background import even_profile

__all__ = ["SignatureHit", "agreement", "expected_log_ratio", "rough_log_ratio", "score"]

SUBSTITUTED, INSERTED, DELETED = 0.4, 0.3, 0.3
"""Shares of the kinds of error in a base-called read."""
_SHARES = np.array([SUBSTITUTED, INSERTED, DELETED])

_LIMITS = np.array([ERROR_FLOOR, ERROR_CEILING])

ERROR_SCALES = np.array([0.5, 1.0, 2.0, 4.0])
SCALE_WEIGHTS = np.array([0.25, 0.5, 0.2, 0.05])
"""How far true error rates may lie from what the qualities say, and how often; the likelihood is averaged over them."""

WORST_MEAN_ERROR = 0.13
"""Scaling stops here: a read with more errors on average than this is no longer explained away."""

SLIP, SLIP_BASES = 5, 24
"""Places by which a free end may slip, two to either side, beyond what the lengths leave; measured by calibration with
reads of so many bases."""

WAYS = 0.15
"""Nats by which ``SLIP`` grows with each base more, times the root of the read's mean error: what the sum over all
alignments along a random mark grows by, beside that along the read's own mark (docs/decisions/0022)."""

HUBS = 4
"""Reads that are tried as the stand-in for an unknown signature."""

TOGETHER = 8
"""Reads at the most of which is asked what they agree in beyond the stand-in; the kit's frame tells it of more."""

UNTOLD = 0.12
"""Nats by which a read laid along a stand-in agrees with it more than it is told to, since the stand-in's own errors
are taken to be spread evenly; measured by calibration."""

PLAIN_ERROR = 0.1
"""Error rate assumed where none is known: in ranking before scoring, and for gaps that nothing was read in."""


class SignatureHit(NamedTuple):
    """A kit whose signature was scored against a read."""

    kit_id: int
    log_ratio: float
    bases: NDArray[np.uint8]
    """The signature, shape (m,)."""
    background: NDArray[np.float64]
    region: Region
    steps: NDArray[np.intp]
    """The alignment from left to right, shape (steps, 2): place in the read and in the signature, -1 for none."""
    placements: float
    """Ln of the number of ways in which the read could have been laid along the signature, and of how often stretches
    like the one it lies on occur, with ``commonness``."""
    commonness: float = 0.0
    """Ln of how much likelier a read like this one is of a random mark of the register than by ``background``."""

    @property
    def distance(self) -> float:
        """Edits of the alignment; a base that was not called does not count."""
        return float(self.alignment().edits)

    @property
    def stretch(self) -> tuple[int, int]:
        """The part of the signature along which the read lies: its first place and the one behind its last."""
        return _stretch(self.steps)

    def among_common(self, commonness: float) -> "SignatureHit":
        """The same hit where a random mark of the register gives such a read so much more often."""
        return self._replace(
            log_ratio=self.log_ratio - commonness, placements=self.placements + commonness, commonness=commonness
        )

    def alignment(self) -> Alignment:
        """The read laid along the signature, in the signature's direction."""
        return base_alignment(self.bases, self.region.read.codes, self.steps, reverse_strand=self.region.reverse)

    def columns(self) -> Columns:
        """Likelihoods of what was read at each place and in each gap of the signature, over A, C, G, T and none."""
        length = len(self.bases)
        table = np.ones((2 * length + 1, 5))
        read = self.region.read
        errors = read.believed
        skipped = float(errors.mean()) if len(read) else ERROR_CEILING
        steps = self.steps.tolist()
        touched = [in_mark for _, in_mark in steps if in_mark >= 0]
        if touched:
            table[2 * touched[0] : 2 * touched[-1] + 2 : 2, :4] = DELETED * PLAIN_ERROR
        place = -1
        inserted: set[int] = set()
        for in_read, in_mark in steps:
            place = in_mark if in_mark >= 0 else place
            error = float(errors[in_read]) if in_read >= 0 else skipped
            row = 2 * place + 1 if in_mark >= 0 else 2 * place + 2
            if in_read < 0:
                table[row] = [DELETED * error] * 4 + [1.0]
            elif in_mark >= 0 or row not in inserted:
                inserted.add(row)
                table[row, :4] = _emissions(int(read.codes[in_read]), error)
                table[row, 4] = INSERTED * error / 4
        marks = np.full(2 * length + 1, 4, dtype=np.intp)
        marks[1::2] = self.bases
        return Columns(table, frame_background(self.background), marks, self.placements)


def score(
    kit_id: int, bases: NDArray[np.uint8], background: NDArray[np.float64], region: Region, *, fast: bool
) -> SignatureHit:
    """The log likelihood ratio of a region under one signature, along one best alignment.

    Compiled, the alignment is the likeliest; in plain Python it is a cheapest one by edits, which is the same but for
    ties. ``bases`` (m,) is the signature, ``background`` P(base) at each place of a random one, shape (m, 4).
    """
    read = region.read
    ends = Ends.between(len(bases), len(read), left=region.left, right=region.right)
    kernel = compiled() if fast and len(read) else None
    if kernel:
        room = np.empty((len(bases) + len(read), 2), dtype=np.intp)
        count, log_ratio, start, stop = kernel.lay(
            bases,
            read.codes,
            read.promised,
            background,
            ends.flags,
            ERROR_SCALES,
            _largest_scale(read),
            SCALE_WEIGHTS,
            _SHARES,
            _LIMITS,
            room,
        )
        steps = room[:count][::-1]
    else:
        steps = np.array(base_path(decode(bases), read.text, ends), dtype=np.intp).reshape(-1, 2)
        log_ratio = _log_ratio(steps, bases, read, background)
        start, stop = _stretch(steps)
    placements = _log_placements(len(bases), region)
    placements += repetition(bases[start:stop], background[start:stop], fast=kernel is not None)
    return SignatureHit(kit_id, float(log_ratio) - placements, bases, background, region, steps, placements)


def _stretch(steps: NDArray[np.intp]) -> tuple[int, int]:
    along = steps[steps[:, 1] >= 0, 1]
    return (int(along[0]), int(along[-1]) + 1) if len(along) else (0, 0)


def agreement(hits: Sequence[SignatureHit], *, fast: bool) -> float:
    """How much several reads of one signature would agree with each other if the signature were unknown, at least 0.

    One read, the hub, stands for the unknown signature: ln of Π P(read | hub) / P(read | random) over the others, with
    the hub's own errors added to theirs, and what the others agree in where the hub errs; the mean of the ratios over
    the ``HUBS`` reads that speak most for the kit. What is common to the marks of a family counts once: each hit is
    less already by its ``commonness``.
    """
    ranked = [_overlap(hit) for hit in sorted(hits, key=lambda hit: -hit.log_ratio)]
    ratios = []
    for at, hub in enumerate(ranked[:HUBS]):
        others = ranked[:at] + ranked[at + 1 :]
        one_by_one = sum(_of_one_molecule(hub.read, other, fast=fast) for other in others)
        ratios.append(one_by_one + _beyond_the_hub(hub, others[: TOGETHER - 1], fast=fast))
    common = [hit.commonness for hit in hits]
    counted = math.fsum(common) - max(common)
    return max(0.0, float(np.logaddexp.reduce(ratios)) - math.log(len(ratios)) - counted)


def _overlap(hit: SignatureHit) -> Region:
    """The part of a read that lies along the signature: reads agree beyond it as well, and that is no matter.

    An end that a primer tells is where it is.
    """
    region, size = hit.region, len(hit.region.read)
    paired = hit.steps[(hit.steps >= 0).all(axis=1), 0]
    first = 0 if region.left or not len(paired) else int(paired[0])
    stop = size if region.right or not len(paired) else int(paired[-1]) + 1
    return region._replace(read=region.read[first:stop], doubt=0.0)


def _of_one_molecule(hub: Read, region: Region, *, fast: bool) -> float:
    """Ln P(read | another read of its molecule) / P(read | random), at least 0 and with what is ``UNTOLD``."""
    read = region.read
    error = float(hub.believed.mean())
    doubted = Read(read.codes, 1 - (1 - read.believed) * (1 - error), worst=1.0)
    return max(0.0, _laid_along(hub, region._replace(read=doubted), fast=fast).log_ratio + UNTOLD)


def _beyond_the_hub(hub: Region, others: Sequence[Region], *, fast: bool) -> float:
    """What reads laid along one of them have in common beyond what each has with that one: they agree where it errs."""
    if len(others) < 2:
        return 0.0
    laid = [_laid_along(hub.read, region, fast=fast) for region in (hub, *others)]
    ratios, columns = [hit.log_ratio for hit in laid], [hit.columns() for hit in laid]
    pairs = [shared_by_chance([ratios[0], ratios[at]], [columns[0], columns[at]]) for at in range(1, len(laid))]
    return shared_by_chance(ratios, columns) - math.fsum(pairs)


def _laid_along(hub: Read, region: Region, *, fast: bool) -> SignatureHit:
    return score(0, hub.codes, even_profile(len(hub)), region, fast=fast)


def _log_ratio(steps: NDArray[np.intp], mark: NDArray[np.uint8], read: Read, background: NDArray[np.float64]) -> float:
    """Ln P(read | mark) / P(read | random mark): matches ln((1-p)/b), substitutions ln(.4p/3/b), gaps ln(.3p).

    ``b`` is the background of the base read, softened by its own error; a missing base has the mean error.
    Averaged over ``ERROR_SCALES``, so that qualities that promise too much or too little do not decide.
    """
    if not len(steps):
        return -math.inf
    if len(read) == 0:
        return float(len(steps) * math.log(DELETED * ERROR_CEILING))
    in_read, in_mark = steps[:, 0], steps[:, 1]
    nearest = np.maximum(in_read, 0)
    # A base that was skipped has no quality, and that of its neighbours, which were read, promises too much.
    promised = np.where(in_read >= 0, read.believed[nearest], read.believed.mean())
    error = np.clip(promised[None, :] * _scales(read)[:, None], ERROR_FLOOR, ERROR_CEILING)
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


def _scales(read: Read) -> NDArray[np.float64]:
    scales: NDArray[np.float64] = np.minimum(ERROR_SCALES, _largest_scale(read))
    return scales


def _largest_scale(read: Read) -> float:
    return max(1.0, WORST_MEAN_ERROR / _believed_mean(read))


def _believed_mean(read: Read) -> float:
    return read.mean_error if read.mean_error <= read.worst else OTHERWISE


def _log_placements(length: int, region: Region) -> float:
    """Ln of the number of ways a read could have been laid: two strands unless a primer told, free ends, indels."""
    ways: float = 1 if region.oriented else 2
    if not (region.left and region.right):
        more = max(0, min(len(region.read), length) - SLIP_BASES)
        slips = SLIP * math.exp(WAYS * math.sqrt(_believed_mean(region.read)) * more)
        ways *= abs(len(region.read) - length) + slips
    return math.log(ways) + region.doubt


def expected_log_ratio(region: Region, length: int) -> float:
    """The log ratio a read of these qualities is expected to reach with its own signature of ``length`` bases."""
    read = region.read[:length] if len(region.read) > length else region.read
    called = read.codes != UNKNOWN
    if not called.any():
        return 0.0
    p = read.believed[called]
    gain = (1 - p) * np.log((1 - p) / 0.25)
    loss = p * (SUBSTITUTED * np.log(SUBSTITUTED * p / 0.75) + (INSERTED + DELETED) * np.log(INSERTED * p))
    return float((gain + loss).sum()) - _log_placements(length, region)


@lru_cache(maxsize=4096)
def rough_log_ratio(length: int, region: int, edits: int) -> float:
    """What a distance is worth, about, so that signatures of several lengths can be ranked before scoring."""
    match = math.log((1 - PLAIN_ERROR) / 0.25)
    return min(length, region) * match + edits * (math.log(INSERTED * PLAIN_ERROR) - match)


def _emissions(code: int, error: float) -> NDArray[np.float64]:
    """P(this base was called | base) for A, C, G, T; the same for all when it was not called."""
    if code == UNKNOWN:
        return np.full(4, 0.25)
    emissions = np.full(4, SUBSTITUTED * error / 3)
    emissions[code] = 1 - error
    return emissions
