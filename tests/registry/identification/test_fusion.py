"""Several reads of one sample, and how the bar moves with the register: what adds up and what must not."""

import math

import pytest

from registry.identification import engine as engine_module
from registry.identification.answer import Grade, MarkKind, Observation, Verdict
from registry.identification.engine import Engine
from registry.identification.evidence import weigh

pytestmark = pytest.mark.usefixtures("numba")


@pytest.fixture(scope="module")
def engines():
    """The one engine of the tests below, which begin with the same chances and so have the same kits."""
    return []


@pytest.fixture
def register(make_marks, primers, engines):
    """Ten thousand kits with signatures of 24 bases: so short that one poor read often leaves them open."""
    marks = make_marks(10_000, (24,))
    if not engines:
        engines.append((marks, Engine.build(marks, primers)))
    ((same, engine),) = engines
    assert marks == same
    return marks, engine


@pytest.fixture
def sample(primers, sequence, rng):
    """So many reads of one sample, of either strand."""

    def read(signature, rate, count):
        molecule = primers[0].forward + signature + primers[0].reverse
        return [Observation(MarkKind.DNA, *sequence(molecule, rate, reverse=rng.random() < 0.5)) for _ in range(count)]

    return read


@pytest.mark.parametrize(("rate", "settled"), [(0.12, 40), (0.15, 38)])
def test_three_reads_settle_what_one_leaves_open(register, sample, rate, settled):
    marks, engine = register
    settled_alone = settled_together = sure_together = 0
    for mark in marks[:8000:200]:
        reads = sample(mark.signature, rate, 3)
        alone, together = engine.identify(reads[:1]), engine.identify(reads)
        settled_alone += alone.verdict is Verdict.IDENTIFIED
        settled_together += together.verdict is Verdict.IDENTIFIED
        sure_together += together.candidates[0].posterior >= 0.99
        assert together.candidates[0].kit_id == mark.kit_id
    assert sure_together == 40
    assert settled_together >= settled
    assert settled_alone < 39


def unregistered_grades(engine, sample, random_bases, rng, *, samples, length, count):
    answers = [
        engine.identify(sample(random_bases(length), rng.choice([0.03, 0.06, 0.1, 0.15]), count))
        for _ in range(samples)
    ]
    return [answer.candidates[0].grade for answer in answers if answer.candidates]


def test_reads_of_an_unregistered_mark_never_add_up(make_marks, primers, sample, random_bases, rng):
    engine = Engine.build(make_marks(10_000, (40,)), primers)
    grades = unregistered_grades(engine, sample, random_bases, rng, samples=60, length=40, count=3)
    assert len(grades) > 50
    assert max(grades) <= Grade.PLUS_1


def test_they_would_add_up_if_what_they_share_anyway_were_counted_for_the_kit(register, sample, monkeypatch):
    """An unregistered mark that by chance is like a kit's in 20 of 24 places: five reads say so five times."""
    marks, engine = register
    turned = str.maketrans("ACGT", "CATG")
    samples = []
    for mark in marks[:8000:1000]:
        bases = list(mark.signature)
        for place in (3, 9, 14, 20):
            bases[place] = bases[place].translate(turned)
        samples.append(sample("".join(bases), 0.03, 5))
    honest = [engine.identify(reads).candidates[0].grade for reads in samples]
    monkeypatch.setattr(engine_module, "shared_by_chance", lambda *_: 0.0)
    monkeypatch.setattr(engine_module, "agreement", lambda *_, **__: 0.0)
    careless = [engine.identify(reads).candidates[0].grade for reads in samples]
    assert max(honest) <= Grade.PLUS_1
    assert min(careless) >= Grade.PLUS_3


def test_what_each_read_adds_and_what_they_share_explain_the_figure(register, sample):
    marks, engine = register
    answer = engine.identify([*sample(marks[7].signature, 0.1, 3), Observation(MarkKind.DOT, marks[7].code)])
    best = answer.candidates[0]
    assert [one.kind for one in best.contributions] == [MarkKind.DNA] * 3 + [MarkKind.DOT]
    against = math.log10(len(marks)) + answer.log10_shared
    # No rival comes near, so V is what was added, less the search and what the reads share.
    assert sum(one.log10_ratio for one in best.contributions) - against == pytest.approx(best.log10_likelihood_ratio)


def test_the_bar_moves_with_the_size_of_the_register_by_itself(make_marks, random_code):
    marks = make_marks(10_000, (64,))
    read = [Observation(MarkKind.DOT, marks[0].code[:7] + "??")]
    small, large = (Engine.build(marks[:size]).identify(read) for size in (100, 10_000))
    assert (small.verdict, large.verdict) == (Verdict.IDENTIFIED, Verdict.IDENTIFIED)
    assert small.candidates[0].posterior > large.candidates[0].posterior
    fewer = small.candidates[0].log10_likelihood_ratio - large.candidates[0].log10_likelihood_ratio
    assert fewer == pytest.approx(2.0, abs=0.3)
    # The same ratios in ten million: the kit would have to share the answer with the unknown.
    (contribution,) = large.candidates[0].contributions
    ratio = contribution.log10_ratio * math.log(10)
    assert weigh({marks[0].kit_id: ratio}, 10_000)[0].posterior > 0.99
    assert weigh({marks[0].kit_id: ratio}, 10_000_000)[0].posterior < 0.99
