"""The index is derived: mapped when it fits, noticed when it does not, rebuilt and swapped while look-ups go on."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text, update

from registry import clock
from registry.identification import index
from registry.identification.answer import MarkKind, Observation, Verdict
from registry.identification.index import Fingerprint, IndexFileError
from registry.identification.layers import Layer
from registry.models.kits import Kit
from registry.services import index_file, mark_scan, marks, search_snapshot
from registry.services.index_builder import IndexBuilder
from registry.services.search_engine import SearchEngine

ROOT = Path(__file__).parents[3]
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def dot(code):
    return [Observation(MarkKind.DOT, code)]


def read(bases):
    return [Observation(MarkKind.DNA, bases)]


@pytest.fixture(autouse=True)
def small_limits(monkeypatch):
    """Sixty kits are many here."""
    monkeypatch.setattr(search_snapshot, "MOST_HELD", 10)
    monkeypatch.setattr(search_snapshot, "MERGED_FROM", 5)


@pytest.fixture
def rows():
    rng = random.Random(20261125)
    return [("".join(rng.choices(LETTERS, k=9)), "".join(rng.choices("ACGT", k=64))) for _ in range(60)]


@pytest.fixture
def kits(either_database, deliver, rows):
    with either_database.transaction() as session:
        return deliver(session, rows)


@pytest.fixture
def file(settings):
    return settings.index_file


@pytest.fixture
def asked():
    return []


@pytest.fixture
def engine(file, asked):
    return SearchEngine(file, asked.append)


def answered(engine, database, observations):
    with database.transaction(reads_only=True) as session:
        return engine.identify(session, observations)


def best(engine, database, observations):
    answer = answered(engine, database, observations)
    return answer.candidates[0].kit_id if answer.verdict is Verdict.IDENTIFIED else None


def revoke(database, kit_id):
    with database.transaction() as session:
        found = session.execute(
            update(Kit)
            .where(Kit.id == kit_id)
            .values(revoked_at=clock.now())
            .returning(Kit.id, Kit.code, Kit.signature)
        )
        marks.record_revoked(session, [tuple(row) for row in found])


def changed_byte(file, place):
    whole = bytearray(file.read_bytes())
    whole[place] ^= 0x20
    file.write_bytes(whole)


def test_look_ups_use_the_mapped_file_and_know_what_came_since(
    either_database, kits, rows, file, engine, asked, deliver
):
    index_file.build(either_database, file)
    answer = answered(engine, either_database, dot(rows[7][0]))
    assert answer.candidates[0].kit_id == kits[rows[7][0]]
    assert answer.searched == len(rows)
    assert not {mark_scan.LOOKED_UP, mark_scan.READ_THROUGH} & set(answer.tiers)
    with either_database.transaction() as session:
        new = deliver(session, [("QRST24683", "")])
    assert best(engine, either_database, dot("QRST24683")) == new["QRST24683"]
    revoke(either_database, kits[rows[7][0]])
    assert best(engine, either_database, dot(rows[7][0])) is None
    assert answered(engine, either_database, dot("QRST24683")).searched == len(rows)
    assert asked == []


def test_without_a_file_the_database_answers_and_one_is_asked_for(either_database, kits, rows, engine, asked):
    code, signature = rows[11]
    exact = answered(engine, either_database, dot(code))
    assert (exact.candidates[0].kit_id, exact.tiers) == (kits[code], (mark_scan.LOOKED_UP,))
    for damaged in (f"{code[:3]}?{code[4:]}", f"{code[:5]}{code[6:]}", f"W{code}", code[:4] + "??" + code[6:]):
        assert best(engine, either_database, dot(damaged)) == kits[code]
    begins_alike = answered(engine, either_database, read(signature[:30] + "ACG" + signature[31:]))
    assert (begins_alike.candidates[0].kit_id, begins_alike.tiers) == (kits[code], (mark_scan.LOOKED_UP,))
    damaged = answered(engine, either_database, read("T" + signature[3:30] + signature[31:]))
    assert (damaged.candidates[0].kit_id, damaged.tiers) == (kits[code], (mark_scan.READ_THROUGH,))
    unknown = answered(engine, either_database, read("GATTACA" * 9))
    assert (unknown.verdict, unknown.tiers) == (Verdict.NOT_REGISTERED, (mark_scan.READ_THROUGH,))
    assert exact.searched == begins_alike.searched == damaged.searched == unknown.searched == len(rows)
    assert set(asked) == {False}


def test_the_database_answers_with_the_same_weight_as_the_index(either_database, kits, rows, file, engine):
    code, signature = rows[20]
    observations = [*read(signature[2:40] + signature[41:]), *dot(f"{code[:4]}?{code[5:]}")]
    by_database = answered(engine, either_database, observations)
    index_file.build(either_database, file)
    by_index = answered(engine, either_database, observations)
    assert by_database.verdict is by_index.verdict is Verdict.IDENTIFIED
    ratios = [answer.candidates[0].log10_likelihood_ratio for answer in (by_database, by_index)]
    assert ratios[0] == pytest.approx(ratios[1], abs=0.5)


@pytest.mark.parametrize("harm", ["absent", "cut", "header", "another register's"])
def test_a_file_that_cannot_be_used_is_noticed_and_replaced(
    either_database, kits, rows, file, engine, asked, harm, keyring
):
    code = rows[3][0]
    index_file.build(either_database, file)
    if harm == "absent":
        file.unlink()
    elif harm == "cut":
        file.write_bytes(file.read_bytes()[:-64])
    elif harm == "header":
        changed_byte(file, 40)
    else:
        index.save(file, Layer.of(()), Fingerprint(3, 5), {"changes": [[1, 1]], "greatest_kit": 3, "recorded": [3, 5]})
    assert best(engine, either_database, dot(code)) == kits[code]
    assert asked == [False]
    assert index_file.build(either_database, file).from_scratch
    answer = answered(engine, either_database, dot(code))
    assert answer.candidates[0].kit_id == kits[code]
    assert mark_scan.LOOKED_UP not in answer.tiers
    assert asked == [False]


def swap_two_kits(file):
    """Damage that no header shows: two kits take each other's place."""
    found = index.mapped(file)
    arrays = {name: array.copy() for name, array in found.layer.arrays().items()}
    for shelf in ("codes/9", "signatures/64"):
        ids = arrays["kits"].copy()
        ids[[4, 5]] = ids[[5, 4]]
        order = ids.argsort()
        arrays[f"{shelf}/kits"] = ids[order]
        part = f"{shelf}/" + ("glyphs" if shelf.startswith("codes") else "planes")
        arrays[part] = arrays[part][order]
    index.save(file, Layer.from_arrays(arrays), found.fingerprint, found.notes)


def test_no_kit_is_named_whose_mark_the_database_does_not_confirm(either_database, kits, rows, file, engine, asked):
    index_file.build(either_database, file)
    swap_two_kits(file)
    code = rows[4][0]
    assert best(engine, either_database, dot(code)) == kits[code]
    assert asked == [True]
    index_file.build(either_database, file, from_scratch=True)
    assert best(engine, either_database, dot(code)) == kits[code]
    assert engine._held.mapped is not None


def test_without_the_confirmation_the_wrong_kit_would_be_named(either_database, kits, rows, file, engine, monkeypatch):
    """The control."""
    index_file.build(either_database, file)
    swap_two_kits(file)
    monkeypatch.setattr(Layer, "agrees", lambda _layer, _mark: True)
    assert best(engine, either_database, dot(rows[4][0])) == kits[rows[5][0]]


def test_a_new_file_is_made_of_the_old_one_and_what_came_since(
    either_database, kits, rows, file, engine, asked, deliver
):
    index_file.build(either_database, file)
    with either_database.transaction() as session:
        new = deliver(session, [(f"QRST2468{number}", "") for number in range(8)])
    revoke(either_database, kits[rows[0][0]])
    assert best(engine, either_database, dot("QRST24683")) == new["QRST24683"]
    assert asked == [False]
    built = index_file.build(either_database, file)
    assert (built.kits, built.from_scratch) == (len(rows) + 7, False)
    assert best(engine, either_database, dot("QRST24683")) == new["QRST24683"]
    assert best(engine, either_database, dot(rows[0][0])) is None
    assert not engine._held.delta
    with either_database.transaction(reads_only=True) as session:
        checked = index_file.check(session, file)
    assert checked.marks_as_recorded
    assert checked.file_as_marks
    written = index.identity_of(file)
    index_file.build(either_database, file)
    assert index.identity_of(file) == written, "nothing changed, so nothing is written"


def test_damage_is_not_carried_into_the_next_file(either_database, kits, rows, file, deliver):
    index_file.build(either_database, file)
    changed_byte(file, file.stat().st_size - 200)
    with either_database.transaction() as session:
        deliver(session, [("QRST24683", "")])
    assert index_file.build(either_database, file).from_scratch
    index.verify(file)


def test_no_look_up_waits_while_an_index_is_built(either_database, kits, rows, file, engine, monkeypatch):
    index_file.build(either_database, file)
    code = rows[30][0]
    assert best(engine, either_database, dot(code)) == kits[code]
    at_the_gate, gate = Event(), Event()
    save = index.save

    def held(*args):
        at_the_gate.set()
        assert gate.wait(60)
        save(*args)

    monkeypatch.setattr(index, "save", held)
    builder = Thread(target=index_file.build, args=(either_database, file), kwargs={"from_scratch": True})
    builder.start()
    assert at_the_gate.wait(60)
    found = []
    threads = [Thread(target=lambda: found.append(best(engine, either_database, dot(code)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert index_file.build(either_database, file) is None, "one builds at a time"
    assert found == [kits[code]] * 4
    assert builder.is_alive()
    gate.set()
    builder.join(60)
    assert best(engine, either_database, dot(code)) == kits[code]


KILLED_WHILE = {
    "renames": "from registry.identification import index\nindex.os.fsync = lambda _: hang()\n",
    "overwrites": (
        "from registry.identification import index\n"
        "def save(file, layer, fingerprint, notes):\n"
        "    with file.open('r+b') as target:\n"
        "        target.write(bytes(2000))\n"
        "        target.flush()\n"
        "        hang()\n"
        "index.save = save\n"
    ),
}


@pytest.mark.parametrize("way", KILLED_WHILE)
def test_a_builder_that_is_killed_leaves_the_old_file_whole(either_database, kits, rows, file, engine, way):
    """Control: a writer that overwrites the file in place would leave a ruin."""
    index_file.build(either_database, file)
    program = (
        "import sys, time\n"
        "def hang():\n    print('writing', flush=True)\n    time.sleep(600)\n"
        f"{KILLED_WHILE[way]}"
        "from pathlib import Path\nfrom registry.database import Database\nfrom registry.services import index_file\n"
        "index_file.build(Database(sys.argv[1]), Path(sys.argv[2]), from_scratch=True)\n"
    )
    url = either_database.engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", program, url, str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as builder:
        assert builder.stdout.readline() == "writing\n"
        builder.send_signal(signal.SIGKILL)
    if way == "overwrites":
        with pytest.raises(IndexFileError):
            index.verify(file)
    else:
        index.verify(file)
        assert len(index.unfinished(file)) == 1
    assert best(engine, either_database, dot(rows[9][0])) == kits[rows[9][0]]
    assert index_file.build(either_database, file, from_scratch=True).kits == len(rows)
    assert index.unfinished(file) == []
    index.verify(file)


def test_the_builder_is_a_process_of_its_own(either_database, kits, rows, file):
    url = either_database.engine.url.render_as_string(hide_password=False)
    builder = IndexBuilder(url, file)
    engine = SearchEngine(file, builder.wake)
    assert best(engine, either_database, dot(rows[2][0])) == kits[rows[2][0]]
    assert builder.wait(120) == 0
    assert mark_scan.LOOKED_UP not in answered(engine, either_database, dot(rows[2][0])).tiers
    running = builder._running
    builder.wake()
    assert builder._running is running, "not again at once"


def test_warming_has_every_byte_of_the_file_read_by_the_builder(either_database, kits, rows, file, engine, asked):
    index_file.build(either_database, file)
    changed_byte(file, file.stat().st_size - 200)
    with either_database.transaction(reads_only=True) as session:
        assert engine.warm(session) == len(rows)
    assert asked == [False]
    assert index_file.build(either_database, file).from_scratch


def test_workers_are_given_the_file_only_when_it_holds_every_kit(either_database, kits, rows, file, engine, deliver):
    def offered():
        with either_database.transaction(reads_only=True) as session:
            return engine.mapped(session)

    assert offered() is None
    index_file.build(either_database, file)
    assert offered() == (file, ())
    with either_database.transaction() as session:
        deliver(session, [("QRST24683", "")])
    assert offered() is None


FIRST_LOOK_UP = """
import os, sys
from pathlib import Path
from registry.database import Database
from registry.identification.answer import MarkKind, Observation
from registry.services.search_engine import SearchEngine
file = Path(sys.argv[2])
engine = SearchEngine(file, print)
with Database(sys.argv[1]).transaction(reads_only=True) as session:
    answer = engine.identify(session, [Observation(MarkKind.DOT, sys.argv[3])])
maps = Path("/proc/self/maps").read_text()
print(answer.candidates[0].kit_id, "numba" in sys.modules, sum(str(file) in line for line in maps.splitlines()),
      os.stat(file).st_ino in {int(line.split()[4]) for line in maps.splitlines()})
"""


def test_processes_share_the_mapped_file_and_the_first_look_up_loads_no_compiler(either_database, kits, rows, file):
    index_file.build(either_database, file)
    url = either_database.engine.url.render_as_string(hide_password=False)
    for code, _ in rows[:2]:
        said = subprocess.run(
            [sys.executable, "-c", FIRST_LOOK_UP, url, str(file), code],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert said.split() == [str(kits[code]), "False", "1", "True"]


def test_a_mark_changed_behind_the_register_is_found_by_comparing_all(either_database, kits, rows, file):
    index_file.build(either_database, file)
    with either_database.transaction(reads_only=True) as session:
        whole = index_file.check(session, file)
    assert whole.marks_as_recorded
    assert whole.file_as_marks
    on = "" if either_database.is_sqlite else " ON kit"
    with either_database.transaction() as session:
        session.execute(text(f"DROP TRIGGER kit_mark_no_update{on}"))
        session.execute(update(Kit).where(Kit.id == kits[rows[8][0]]).values(signature="ACGT" * 16))
    with either_database.transaction(reads_only=True) as session:
        checked = index_file.check(session, file)
    assert not checked.marks_as_recorded
    assert not checked.file_as_marks
    assert checked.counted.count == checked.recorded.count
