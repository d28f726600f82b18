"""What the benchmark claims of signatures at 10^7 kits, at 10^4: recall, wrong answers, absence, strange registers."""

import numpy as np
import pytest

from benchmarks.identification_mixed_claims import LENGTHS, MAKERS, MixedRegister
from benchmarks.identification_readings import (
    PRIMERS,
    Case,
    Errors,
    between_primers,
    cut,
    random_bases,
    sequenced,
)
from benchmarks.identification_registers import LENGTH, signature_bases, signature_planes
from benchmarks.identification_rough_reads import Run, called
from benchmarks.identification_signature_claims import Signatures
from benchmarks.identification_tail import stranger
from benchmarks.identification_tally import look_up
from registry.identification.answer import Verdict
from registry.identification.engine import Engine
from registry.identification.index import Fingerprint, load, save
from registry.identification.layers import Layer
from registry.identification.signatures import SignatureShelf

pytestmark = pytest.mark.usefixtures("numba")

KITS = 10_000
READS = 60


@pytest.fixture(scope="module")
def layer():
    kits = np.arange(KITS, dtype=np.int64)
    return Layer(kits, (SignatureShelf.packed(LENGTH, signature_planes(0, KITS), kits),), ())


@pytest.fixture(scope="module")
def signatures(layer, tmp_path_factory):
    return Signatures(Engine(layer), tmp_path_factory.mktemp("register") / "marks.index", KITS, 0.0)


@pytest.fixture
def dice():
    return np.random.default_rng(20261122)


def assert_found(engine, cases, *, missed=0):
    tally = look_up(engine, cases)
    assert tally.wrong == 0
    assert tally.right >= len(cases) - missed
    return tally


@pytest.mark.parametrize("rate", [0.06, 0.10, 0.12, 0.15])
def test_reads_of_every_error_rate_are_found(signatures, dice, rate):
    assert_found(signatures.engine, signatures.plain(READS, rate, dice))


@pytest.mark.parametrize("errors", [one for one in Errors if one is not Errors.PLAIN])
def test_other_errors_and_dishonest_qualities_do_not_mislead(signatures, dice, errors):
    assert_found(signatures.engine, signatures.plain(READS, 0.10, dice, errors))


def test_reads_between_primers_are_found(signatures, layer, dice):
    cases = signatures.cases(READS, dice, lambda codes: (sequenced(between_primers(codes), 0.12, dice),))
    assert_found(Engine(layer, (PRIMERS,)), cases)


@pytest.mark.parametrize("lost", [8, 16, 24])
def test_reads_that_lost_an_end_are_found(signatures, dice, lost):
    cases = signatures.cases(READS, dice, lambda codes: (sequenced(cut(codes, lost, dice), 0.08, dice),))
    assert_found(signatures.engine, cases, missed=1)


def test_three_short_poor_reads_of_one_molecule_say_what_one_cannot(signatures, dice):
    cases = signatures.cases(
        20, dice, lambda codes: tuple(sequenced(cut(codes, 38, dice), 0.25, dice) for _ in range(3))
    )
    together = assert_found(signatures.engine, cases)
    alone = look_up(signatures.engine, [Case(case.kit, case.observations[:1]) for case in cases])
    assert together.identified == len(cases) > alone.identified


@pytest.mark.parametrize("errors", [Errors.PLAIN, Errors.CONFIDENT])
def test_unregistered_reads_stay_below_grade_plus_two(signatures, dice, errors):
    tally = look_up(signatures.engine, [stranger(dice, errors) for _ in range(100)])
    assert tally.identified == 0
    assert max(tally.best) < 2


def test_the_exhaustive_search_proves_absence_and_the_fast_ones_agree(signatures, dice):
    for _ in range(5):
        read = sequenced(random_bases(LENGTH, dice), 0.05, dice)
        answer = signatures.engine.identify([read], exhaustive=True)
        assert answer.verdict is Verdict.NOT_REGISTERED
        assert answer.tiers[-1] == "signatures: every one"
        assert signatures.engine.identify([read]).verdict is Verdict.NOT_REGISTERED


def test_look_ups_go_on_while_the_index_is_built_anew_and_swapped(signatures, layer, dice, tmp_path):
    file = tmp_path / "marks.index"
    save(file, layer, Fingerprint(KITS, 0))
    old = Engine(load(file, Fingerprint(KITS, 0)))
    cases = signatures.plain(10, 0.06, dice)
    assert_found(old, cases)
    half = np.arange(KITS // 2, dtype=np.int64)
    save(file, Layer(half, (SignatureShelf.packed(LENGTH, signature_planes(0, KITS // 2), half),), ()), Fingerprint(1))
    assert_found(old, cases)
    new = Engine(load(file, Fingerprint(1)))
    assert [len(old), len(new)] == [KITS, KITS // 2]
    assert_found(new, [case for case in cases if case.kit < KITS // 2])


@pytest.mark.parametrize(
    "run",
    [Run(0.02), Run(0.08), Run(0.05, shrink=0.5), Run(0.05, burst=1.0), Run(0.05, adapter=24)],
    ids=["clean", "8 %", "homopolymers halved", "a garbled stretch", "adapters left"],
)
def test_reads_of_the_second_maker_are_found(signatures, dice, run):
    cases = signatures.cases(READS, dice, lambda codes: (called(codes, run, dice),))
    assert_found(signatures.engine, cases, missed=1)


@pytest.fixture(scope="module")
def mixed():
    return MixedRegister(KITS)


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("length", LENGTHS)
def test_lengths_constant_beginnings_and_repeats_share_a_register(mixed, length, maker):
    cases = list(mixed.cases(length, maker, 0.06, 15))
    assert_found(mixed.engine, cases, missed=0 if length >= 48 else 2)


@pytest.mark.parametrize("length", LENGTHS)
def test_unregistered_marks_of_its_makers_are_no_kits_of_a_mixed_register(mixed, length):
    assert look_up(mixed.engine, mixed.unregistered(length, 0.06, 15)).identified == 0


def test_a_register_of_the_benchmark_is_the_same_however_it_is_made():
    planes = signature_planes(0, 2000)
    assert np.array_equal(signature_planes(700, 900), planes[700:900])
    assert np.array_equal(signature_bases(np.array([1999, 5]))[1], signature_bases(np.array([5]))[0])
    assert len({row.tobytes() for row in planes}) == 2000
