"""Index files: saved, mapped, swapped under readers, and refused when damaged or stale."""

import pytest

from registry.identification.answer import MarkKind, Observation
from registry.identification.engine import Engine
from registry.identification.index import Fingerprint, IndexFileError, load, save, verify
from registry.identification.layers import Layer


@pytest.fixture
def marks(make_marks):
    return make_marks(4500, (64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 40, 0))


@pytest.fixture
def file(tmp_path, marks):
    path = tmp_path / "index" / "marks.index"
    save(path, Engine.build(marks).base, Fingerprint.of(marks))
    return path


def test_a_mapped_index_answers_like_the_one_it_was_saved_from(file, marks):
    engine, mapped = Engine.build(marks), Engine(load(file, Fingerprint.of(marks)))
    assert len(mapped) == len(engine)
    for mark in marks[:24]:
        for observation in (
            Observation(MarkKind.DOT, mark.code[:4] + "?" + mark.code[5:]),
            Observation(MarkKind.DNA, mark.signature[1:]),
        ):
            assert mapped.identify([observation]) == engine.identify([observation])


def test_an_index_is_built_for_the_same_compiled_loops_as_a_mapped_one(file, marks):
    for layer in (Engine.build(marks).base, load(file)):
        for shelf in (*layer.signatures, *layer.codes):
            of_loops = {name: array for name, array in shelf.arrays().items() if name != "kits"}
            assert len(of_loops) >= 2
            assert [name for name, array in of_loops.items() if array.flags.writeable] == []


def test_a_kit_imported_a_second_ago_is_found_and_a_revoked_one_is_not(file, marks, make_marks):
    mapped = Engine(load(file))
    new = make_marks(1, (64,))[0]
    mapped.revoke([marks[0].kit_id])
    mapped.add([type(new)(999_999, "NEWK00001", new.signature)])
    assert mapped.identify([Observation(MarkKind.DOT, "NEWK00001")]).candidates[0].kit_id == 999_999
    answer = mapped.identify([Observation(MarkKind.DNA, marks[0].signature)])
    assert marks[0].kit_id not in {candidate.kit_id for candidate in answer.candidates}


def test_a_reader_keeps_its_index_while_a_new_one_takes_its_place(file, marks):
    reader = Engine(load(file))
    save(file, Engine.build(marks[:10]).base, Fingerprint.of(marks[:10]))
    assert reader.identify([Observation(MarkKind.DOT, marks[4000].code)]).candidates[0].kit_id == marks[4000].kit_id
    assert len(Engine(load(file))) == 10
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_an_index_of_other_marks_is_stale(file, marks):
    expected = Fingerprint.of(marks).minus(marks[0]).plus(type(marks[0])(1000, "OTHER1234", ""))
    assert expected.count == len(marks)
    with pytest.raises(IndexFileError, match="or others"):
        load(file, expected)


@pytest.mark.parametrize("part", ["kits", "codes/9/glyphs", "codes/9/blocks/rows", "signatures/64/planes"])
def test_a_file_whose_parts_have_other_names_is_of_another_version(file, marks, monkeypatch, part):
    arrays = dict(Engine.build(marks).base.arrays())
    arrays["renamed"] = arrays.pop(part)
    monkeypatch.setattr(Layer, "arrays", lambda _layer: arrays)
    save(file, Engine.build(marks[:1]).base, Fingerprint.of(marks))
    with pytest.raises(IndexFileError, match="no index of this version"):
        load(file)


def test_an_absent_file_is_told(tmp_path):
    with pytest.raises(IndexFileError, match="No such file"):
        load(tmp_path / "none.index")


@pytest.mark.parametrize("length", [0, 5, 31, 200, -1, -4000])
def test_a_file_cut_short_is_refused(file, length):
    whole = file.read_bytes()
    file.write_bytes(whole[:length])
    with pytest.raises(IndexFileError):
        load(file)


@pytest.mark.parametrize("place", [0, 9, 20, 40, 300])
def test_a_changed_byte_in_the_head_is_refused(file, place):
    whole = bytearray(file.read_bytes())
    whole[place] ^= 0x20
    file.write_bytes(whole)
    with pytest.raises(IndexFileError):
        load(file)


def test_a_changed_byte_in_the_arrays_is_found_by_verifying(file):
    verify(file)
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 1
    file.write_bytes(whole)
    load(file)
    with pytest.raises(IndexFileError, match="damaged"):
        verify(file)


def test_a_failed_write_leaves_the_old_index(file, marks, monkeypatch):
    before = file.read_bytes()
    monkeypatch.setattr("registry.identification.index.os.fsync", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save(file, Engine.build(marks[:10]).base, Fingerprint.of(marks[:10]))
    assert file.read_bytes() == before
    assert len(list(file.parent.iterdir())) == 1


def test_a_fingerprint_does_not_depend_on_order_and_can_be_kept_up_to_date(marks):
    assert Fingerprint.of(reversed(marks)) == Fingerprint.of(marks)
    assert Fingerprint.of(marks[:-1]).plus(marks[-1]) == Fingerprint.of(marks)
    assert Fingerprint.of(marks).minus(marks[7]) == Fingerprint.of(marks[:7] + marks[8:])
    assert Fingerprint.of(marks[1:]) != Fingerprint.of(marks[:-1])
