"""The engine as its callers see it: readings in, honest answers out."""

import pytest

from registry.identification.answer import Grade, Mark, MarkKind, Observation, Verdict
from registry.identification.engine import Engine


def dot(text, quality=""):
    return Observation(MarkKind.DOT, text, quality)


def dna(text, quality=""):
    return Observation(MarkKind.DNA, text, quality)


@pytest.mark.parametrize("rate", [0.0, 0.06, 0.12])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_noisy_read_between_primers_and_flanks_is_identified(
    make_marks, primers, sequence, random_bases, rate, reverse
):
    marks = make_marks(500, (64,))
    engine = Engine.build(marks, primers)
    for mark in marks[::50]:
        molecule = random_bases(17) + primers[0].forward + mark.signature + primers[0].reverse + random_bases(23)
        answer = engine.identify([dna(*sequence(molecule, rate, reverse=reverse))])
        assert answer.verdict is Verdict.IDENTIFIED
        assert answer.candidates[0].kit_id == mark.kit_id
        assert answer.candidates[0].grade >= Grade.PLUS_3
        assert answer.candidates[0].alignments[0].reverse_strand is reverse
        assert answer.searched == 500


def test_a_bare_read_without_primers_or_quality_is_identified(make_marks, sequence):
    marks = make_marks(500, (64,))
    engine = Engine.build(marks)
    for mark in marks[::100]:
        for reverse in (False, True):
            bases, _ = sequence(mark.signature, 0.08, reverse=reverse)
            answer = engine.identify([dna(bases)])
            assert (answer.verdict, answer.candidates[0].kit_id) == (Verdict.IDENTIFIED, mark.kit_id)


@pytest.mark.parametrize("side", ["start", "end"])
def test_a_read_that_broke_off_is_identified(make_marks, primers, sequence, side):
    marks = make_marks(500, (64,))
    engine = Engine.build(marks, primers)
    for mark in marks[::100]:
        whole = primers[1].forward + mark.signature + primers[1].reverse
        molecule = whole[40:] if side == "start" else whole[:-40]
        answer = engine.identify([dna(*sequence(molecule, 0.04))])
        assert (answer.verdict, answer.candidates[0].kit_id) == (Verdict.IDENTIFIED, mark.kit_id)


def test_signatures_of_all_lengths_live_in_one_register(make_marks, primers, sequence):
    marks = make_marks(1000, (20, 32, 40, 64, 65, 100, 128))
    engine = Engine.build(marks, primers)
    for mark in marks[::70] + marks[:14]:
        bases, quality = sequence(primers[0].forward + mark.signature + primers[0].reverse, 0.01)
        answer = engine.identify([dna(bases, quality)])
        assert answer.candidates[0].kit_id == mark.kit_id
        assert answer.verdict is Verdict.IDENTIFIED


def test_an_unregistered_read_is_not_registered_and_never_graded_high(make_marks, primers, sequence, random_bases):
    engine = Engine.build(make_marks(1000, (64,)), primers)
    for number in range(30):
        molecule = primers[0].forward + random_bases(64) + primers[0].reverse
        answer = engine.identify([dna(*sequence(molecule, 0.1, reverse=number % 2 == 1))])
        assert answer.verdict is Verdict.NOT_REGISTERED
        assert answer.candidates[0].grade <= Grade.PLUS_1


@pytest.mark.parametrize("damage", ["ENX?O9494", "ENXB0949", "ENXBB09494", "ENBX09494", "enxb09494", "ENXB0949Q"])
def test_a_damaged_dot_is_identified(make_marks, damage):
    engine = Engine.build([*make_marks(500), Mark(7, "ENXB09494")])
    answer = engine.identify([dot(damage)])
    assert (answer.verdict, answer.candidates[0].kit_id) == (Verdict.IDENTIFIED, 7)


@pytest.mark.parametrize("text", ["SPB-57RCYBVN", "SPB57RCYBVN", "spb 57rcybvn", "5PB-57RC?BVN"])
def test_hyphens_and_case_of_a_code_do_not_matter(make_marks, text):
    engine = Engine.build([*make_marks(500), Mark(7, "SPB-57RCYBVN")])
    answer = engine.identify([dot(text)])
    assert (answer.verdict, answer.candidates[0].kit_id) == (Verdict.IDENTIFIED, 7)


def test_codes_of_all_lengths_live_in_one_register(rng):
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
    marks = [Mark(number, "".join(rng.choices(letters, k=6 + number % 12))) for number in range(1200)]
    engine = Engine.build(marks)
    for mark in marks[:48]:
        answer = engine.identify([dot(mark.code[:3] + "?" + mark.code[4:])])
        assert answer.candidates[0].kit_id == mark.kit_id


def test_an_unregistered_code_is_not_registered(make_marks, random_code):
    engine = Engine.build(make_marks(1000))
    for _ in range(50):
        answer = engine.identify([dot(random_code())])
        assert answer.verdict is Verdict.NOT_REGISTERED
        assert answer.candidates[0].grade <= Grade.PLUS_1


def test_two_kits_that_fit_equally_well_are_ambiguous(make_marks):
    engine = Engine.build([*make_marks(500), Mark(1, "ENXB09494"), Mark(2, "ENXC09494")])
    answer = engine.identify([dot("ENX?09494")])
    assert answer.verdict is Verdict.AMBIGUOUS
    assert {candidate.kit_id for candidate in answer.candidates[:2]} == {1, 2}
    assert answer.candidates[0].posterior == pytest.approx(0.5, abs=0.02)
    assert answer.candidates[0].grade <= Grade.ZERO


@pytest.mark.parametrize(
    "junk",
    ["", "?", "????????", "-- --", "A", "\x00\x00", "NNNNNNNNNNNNNNNNNNNNNN", "ÅÄÖ", "ß", "\U0001f600" * 9, "," * 5000],
)
@pytest.mark.parametrize("quality", ["", "!", "\x00" * 8, "~" * 9])
def test_bad_content_is_unreadable_and_never_an_exception(make_marks, primers, junk, quality):
    engine = Engine.build(make_marks(200, (64, 0)), primers)
    for kind in MarkKind:
        if junk.strip("N") or kind is MarkKind.DNA:
            assert engine.identify([Observation(kind, junk, quality)]).verdict is Verdict.UNREADABLE


def test_a_short_scrap_of_dna_is_unreadable_rather_than_not_registered(make_marks, primers):
    engine = Engine.build(make_marks(1000, (64,)), primers)
    for scrap in ("ACGT", "acgtnacgt", "ACGNNNNNNNNNNNNNNNNNNNNNNNNNNNNNCGT"):
        assert engine.identify([dna(scrap)]).verdict is Verdict.UNREADABLE


def test_an_endless_read_is_answered(make_marks, primers, random_bases):
    engine = Engine.build(make_marks(50, (64,)), primers)
    assert engine.identify([dna(random_bases(200_000))]).verdict is Verdict.NOT_REGISTERED


def test_no_observation_is_unreadable(make_marks):
    answer = Engine.build(make_marks(10)).identify([])
    assert (answer.verdict, answer.candidates) == (Verdict.UNREADABLE, ())


def test_an_empty_register_has_nothing_registered():
    answer = Engine.build([]).identify([dot("ENXB09494"), dna("ACGT" * 16)])
    assert (answer.verdict, answer.candidates, answer.searched) == (Verdict.NOT_REGISTERED, (), 0)


def test_several_poor_reads_settle_what_one_leaves_open(make_marks, primers, sequence):
    marks = make_marks(1000, (24,))
    engine = Engine.build(marks, primers)
    alone = fused = 0
    for mark in marks[:20]:
        molecule = primers[0].forward + mark.signature + primers[0].reverse
        reads = [dna(*sequence(molecule, 0.2)) for _ in range(3)]
        answers = [engine.identify([read]) for read in reads]
        alone += sum(a.verdict is Verdict.IDENTIFIED and a.candidates[0].kit_id == mark.kit_id for a in answers) / 3
        together = engine.identify(reads)
        fused += together.verdict is Verdict.IDENTIFIED and together.candidates[0].kit_id == mark.kit_id
    assert fused > alone + 3


def test_reads_of_one_unregistered_mark_do_not_add_up_to_a_hit(make_marks, primers, sequence, random_bases):
    engine = Engine.build(make_marks(1000, (20,)), primers)
    for _ in range(8):
        molecule = primers[0].forward + random_bases(20) + primers[0].reverse
        answer = engine.identify([dna(*sequence(molecule, 0.08)) for _ in range(6)])
        assert answer.candidates[0].grade <= Grade.PLUS_1


def test_what_reads_share_beyond_the_signature_does_not_speak_against_their_kit(make_marks, sequence, random_bases):
    """Adapters that nobody declared are on every read, whatever kit it is of."""
    marks = make_marks(1000, (40,))
    molecule = random_bases(30) + marks[7].signature + random_bases(30)
    answer = Engine.build(marks).identify([dna(*sequence(molecule, 0.05)) for _ in range(4)])
    assert (answer.verdict, answer.candidates[0].kit_id) == (Verdict.IDENTIFIED, marks[7].kit_id)


def test_reads_with_bases_that_were_not_called_add_up(make_marks):
    marks = make_marks(1000, (40,))
    text = marks[7].signature
    answer = Engine.build(marks).identify([dna(text[:at] + "N" + text[at + 1 :], "") for at in (8, 20, 31)])
    assert (answer.verdict, answer.candidates[0].kit_id) == (Verdict.IDENTIFIED, marks[7].kit_id)


def test_a_partly_read_dot_and_a_scrap_of_dna_identify_together(make_marks):
    marks = make_marks(1000, (64,))
    engine = Engine.build(marks)
    mark = marks[123]
    halves = [dot(mark.code[:3] + "??????"), dna(mark.signature[:11])]
    assert all(engine.identify([half]).verdict is not Verdict.IDENTIFIED for half in halves)
    answer = engine.identify(halves)
    assert (answer.verdict, answer.candidates[0].kit_id) == (Verdict.IDENTIFIED, mark.kit_id)
    assert len(answer.candidates[0].alignments) == 2


def test_a_dot_and_dna_of_different_kits_are_ambiguous_and_show_both(make_marks):
    marks = make_marks(1000, (64,))
    answer = Engine.build(marks).identify([dot(marks[3].code), dna(marks[4].signature)])
    assert answer.verdict is Verdict.AMBIGUOUS
    assert {marks[3].kit_id, marks[4].kit_id} <= {candidate.kit_id for candidate in answer.candidates}


def test_one_stray_read_among_many_does_not_hide_the_kit(make_marks, sequence):
    marks = make_marks(500, (64,))
    reads = [dna(*sequence(marks[1].signature, 0.05)) for _ in range(8)]
    answer = Engine.build(marks).identify([*reads, dna(marks[2].signature)])
    assert (answer.verdict, answer.candidates[0].kit_id) == (Verdict.IDENTIFIED, marks[1].kit_id)


def test_the_same_read_sent_again_is_no_new_evidence(make_marks):
    marks = make_marks(500, (64,))
    engine = Engine.build(marks)
    scrap = dna(marks[9].signature[:14])
    assert engine.identify([scrap] * 5) == engine.identify([scrap])


def test_new_kits_are_found_and_revoked_ones_are_not(make_marks):
    engine = Engine.build(make_marks(300))
    mark = Mark(7, "ENXB09494", "ACGGTCATTG" * 6)
    assert engine.identify([dot(mark.code)]).verdict is Verdict.NOT_REGISTERED
    engine.add([mark])
    assert len(engine) == 301
    assert engine.identify([dot(mark.code)]).candidates[0].kit_id == 7
    assert engine.identify([dna(mark.signature)]).candidates[0].kit_id == 7
    engine.revoke([7, 999_999])
    assert len(engine) == 300
    assert engine.identify([dot(mark.code)]).verdict is Verdict.NOT_REGISTERED


def test_a_kit_added_again_is_replaced(make_marks):
    engine = Engine.build([*make_marks(300), Mark(7, "ENXB09494")])
    engine.add([Mark(7, "QWER12345")])
    assert len(engine) == 301
    assert engine.identify([dot("ENXB09494")]).verdict is Verdict.NOT_REGISTERED
    assert engine.identify([dot("QWER12345")]).candidates[0].kit_id == 7


def test_the_same_heavily_erased_dot_weighs_less_in_a_larger_register(make_marks):
    marks = make_marks(4000)
    text = marks[0].code[:2] + "???" + marks[0].code[5:]
    small = Engine.build(marks[:40]).identify([dot(text)]).candidates[0]
    large = Engine.build(marks).identify([dot(text)]).candidates[0]
    assert small.kit_id == large.kit_id == marks[0].kit_id
    assert small.log10_likelihood_ratio > large.log10_likelihood_ratio + 1
