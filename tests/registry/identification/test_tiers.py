"""The fast tiers of a large register against the exhaustive one, compiled and plain."""

import numpy as np
import pytest

from registry.identification import kernels, seeds, signatures
from registry.identification.answer import Grade, Mark, MarkKind, Observation, Verdict
from registry.identification.bases import clean_read, encode, encode_many, pack, unpack_row
from registry.identification.distance import Ends, distances
from registry.identification.engine import Engine
from registry.identification.likelihood import score
from registry.identification.parts import read_only
from registry.identification.primers import regions
from registry.identification.seeds import SHORT_SEED, SeedIndex
from registry.identification.signatures import Effort, SignatureIndex

needs_numba = pytest.mark.usefixtures("numba")


@pytest.fixture
def plain_too(monkeypatch):
    """Called, it takes numba away."""

    def take_away():
        for module in (seeds, signatures):
            monkeypatch.setattr(module, "compiled", lambda: None)

    return take_away


@pytest.fixture
def plain(plain_too):
    """The register without numba."""
    plain_too()


@pytest.fixture
def never_whole(monkeypatch):
    """A register that is too large for the last tier of seeds to compare it as a whole."""
    monkeypatch.setattr(signatures, "WHOLE", 0)


@pytest.fixture
def read(sequence, rng):
    def make(signature, rate):
        return clean_read(*sequence(signature, rate, reverse=rng.random() < 0.5))

    return make


@pytest.mark.parametrize("way", ["compiled", "plain"])
def test_seeds_find_what_the_exhaustive_search_finds(make_marks, read, request, way, never_whole):
    request.getfixturevalue("plain" if way == "plain" else "numba")
    marks = make_marks(6000, (64,))
    index = SignatureIndex.build(marks)
    assert index.shelves[0].seeds is not None
    for mark in marks[::300]:
        for region in regions(read(mark.signature, 0.1), [], index.lengths):
            everything = index.search(region, Effort.EVERYTHING).hits[0]
            if everything.kit_id == mark.kit_id:
                found = index.search(region, Effort.SHORT_SEEDS).hits[0]
                assert (found.kit_id, found.log_ratio) == (everything.kit_id, pytest.approx(everything.log_ratio))


@needs_numba
@pytest.mark.parametrize("length", [20, 23, 64, 65, 100, 128])
@pytest.mark.parametrize("longer", [0, 2, 3])
@pytest.mark.parametrize("most", [None, 60])
def test_compiled_and_plain_seeds_screen_the_same_rows(make_marks, read, plain_too, monkeypatch, length, longer, most):
    monkeypatch.setattr(SeedIndex, "seed_size", lambda _: SHORT_SEED + longer)
    marks = make_marks(5000, (length,))
    planes = read_only(pack(encode_many([mark.signature for mark in marks], length)))
    built = SeedIndex.build(planes, length)
    reads = [read(marks[number].signature, 0.1) for number in range(0, 5000, 500)]
    reads += [clean_read(marks[7].signature[:12] + "N" + marks[7].signature[13:])]

    def screened(index):
        found = []
        for one in reads:
            for strand in (one, one.reversed_complement, one[: 3 * len(one) // 4]):
                bare = abs(len(strand) - length) < 2
                windows = index.windows(SHORT_SEED, length, len(strand), left=bare, right=bare, slack=3.0)
                found.append(sorted(index.screen(planes, length, strand, SHORT_SEED, windows, most=most).rows.tolist()))
        return found

    compiled = screened(built)
    plain_too()
    again = SeedIndex.build(planes, length)
    for name, array in built.arrays().items():
        assert np.array_equal(array, again.arrays()[name]), name
    assert screened(again) == compiled
    assert sum(map(len, compiled)) > 0


@needs_numba
@pytest.mark.parametrize("length", [20, 64, 65, 128])
@pytest.mark.parametrize(
    "ends",
    [
        Ends(),
        Ends(read_start=True, read_end=True),
        Ends(read_end=True),
        Ends(mark_start=True, mark_end=True),
        Ends(mark_start=True),
    ],
)
def test_compiled_distances_are_those_of_numpy(random_bases, length, ends):
    kernel = kernels.compiled()
    planes = read_only(pack(encode_many([random_bases(length) for _ in range(150)], length)))
    codes = encode(random_bases(length // 2) + "N" + random_bases(length // 2 + 5))
    rows = np.arange(150, dtype=np.uint32)
    measure = kernel.distances_of_one_word if length <= 64 else kernel.distances_of_words
    edits = np.empty(150, dtype=np.int16)
    measure(planes, rows, length, codes, ends.flags, edits)
    assert edits.tolist() == distances(planes, length, codes, ends).tolist()


@needs_numba
@pytest.mark.parametrize("read_length", [40, 64, 67, 90])
@pytest.mark.parametrize("length", [20, 63, 64])
def test_bounds_hide_none_of_the_nearest_from_a_search_of_every_one(dice, length, read_length):
    kernel, count = kernels.compiled(), 9000
    planes = read_only(pack(dice.integers(0, 4, (count, length)).astype(np.uint8)))
    for left, right in ((False, False), (True, False), (False, True), (True, True)):
        codes = dice.integers(0, 5, read_length).astype(np.uint8)
        ends = Ends.between(length, read_length, left=left, right=right)
        edits = distances(planes, length, codes, ends)
        nearest = np.empty((24, 2), dtype=np.int64)
        found = kernel.nearest_of_all(planes, 0, count, length, codes, ends.flags, 6, nearest)
        expected = np.argsort(edits, kind="stable")[:24]
        expected = expected[edits[expected] <= edits.min() + 6]
        assert nearest[:found].tolist() == [[row, edits[row]] for row in expected.tolist()]


@needs_numba
@pytest.mark.parametrize("length", [20, 64, 65, 128])
def test_compiled_unpacking_is_that_of_numpy(dice, length):
    codes = dice.integers(0, 4, (3, length)).astype(np.uint8)
    bases = np.empty(length, dtype=np.uint8)
    kernels.compiled().unpack(read_only(pack(codes)), 1, bases)
    assert bases.tolist() == codes[1].tolist() == unpack_row(pack(codes)[1], length).tolist()


@needs_numba
@pytest.mark.parametrize("cut", [slice(None), slice(12, None), slice(None, -12)])
def test_compiled_and_plain_scores_agree(random_bases, sequence, primers, cut):
    background = read_only(np.full((64, 4), 0.25))
    for rate in (0.0, 0.05, 0.15):
        signature = random_bases(64)
        bases, quality = sequence((primers[0].forward + signature + primers[0].reverse)[cut], rate)
        for region in regions(clean_read(bases, quality), primers, range(64, 64)):
            compiled, plain = (score(1, encode(signature), background, region, fast=fast) for fast in (True, False))
            if plain.log_ratio > 0:
                assert compiled.log_ratio == pytest.approx(plain.log_ratio, abs=4)
                assert compiled.log_ratio >= plain.log_ratio - 0.5


def test_a_read_of_a_large_register_is_answered_by_the_first_tier(make_marks, read, primers):
    marks = make_marks(5000, (64,))
    engine = Engine.build(marks, primers)
    clean = read(marks[7].signature, 0.02)
    answer = engine.identify([Observation(MarkKind.DNA, clean.text)])
    assert (answer.verdict, answer.candidates[0].kit_id) == (Verdict.IDENTIFIED, marks[7].kit_id)
    assert answer.tiers == ("signatures: seeds in place",)


def test_absence_is_proven_on_request(make_marks, random_bases, never_whole):
    engine = Engine.build(make_marks(5000, (64,)))
    stranger = Observation(MarkKind.DNA, random_bases(64))
    assert "signatures: every one" not in engine.identify([stranger]).tiers
    proven = engine.identify([stranger], exhaustive=True)
    assert proven.verdict is Verdict.NOT_REGISTERED
    assert proven.tiers[-1] == "signatures: every one"


def test_parts_that_signatures_share_are_no_evidence_and_hide_nobody(random_bases, sequence, rng):
    prefix, suffix = random_bases(20), random_bases(20)
    marks = [Mark(number, f"KIT{number:06d}", prefix + random_bases(24) + suffix) for number in range(5000)]
    engine = Engine.build(marks)
    for mark in rng.sample(marks, 10):
        answer = engine.identify([Observation(MarkKind.DNA, *sequence(mark.signature, 0.04))])
        assert answer.candidates[0].kit_id == mark.kit_id
    for _ in range(10):
        stranger = prefix + random_bases(24) + suffix
        answer = engine.identify([Observation(MarkKind.DNA, *sequence(stranger, 0.04))])
        assert answer.candidates[0].grade <= Grade.PLUS_1


def test_repeats_and_low_complexity_are_found_too(rng, random_bases):
    units = [random_bases(rng.randrange(2, 6)) for _ in range(60)]
    marks = [Mark(number, "", (unit * 40)[:64]) for number, unit in enumerate(dict.fromkeys(units))]
    marks += [Mark(1000 + number, "", "AC" * 22 + random_bases(20)) for number in range(5000)]
    engine = Engine.build(marks)
    target = marks[-1]
    damaged = target.signature[:30] + target.signature[31:]
    answer = engine.identify([Observation(MarkKind.DNA, damaged)])
    assert (answer.verdict, answer.candidates[0].kit_id) == (Verdict.IDENTIFIED, target.kit_id)


def test_merging_takes_up_new_kits_and_drops_revoked_ones(make_marks):
    marks = make_marks(300, (64, 40, 0))
    engine = Engine.build(marks[:200])
    engine.add(marks[200:])
    engine.revoke([marks[0].kit_id, marks[299].kit_id])
    merged = engine.merged()
    assert len(merged) == len(engine) == 298
    for mark in (marks[3], marks[250]):
        answer = merged.identify([Observation(MarkKind.DOT, mark.code)])
        assert answer.candidates[0].kit_id == mark.kit_id
    gone = merged.identify([Observation(MarkKind.DOT, marks[0].code)])
    assert gone.verdict is Verdict.NOT_REGISTERED


def test_a_kit_given_twice_counts_as_given_last(make_marks):
    marks = make_marks(300)
    engine = Engine.build([Mark(marks[5].kit_id, "QWER12345", "ACGT" * 16), *marks])
    assert len(engine) == 300
    assert engine.identify([Observation(MarkKind.DOT, "QWER12345")]).verdict is Verdict.NOT_REGISTERED
