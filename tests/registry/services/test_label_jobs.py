"""Label jobs: made after the transaction that ordered them, taken up again, refused in words, never made twice."""

import io
import threading
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pytest
from sqlalchemy import select, update

from labels.pdf import LabelContent
from registry import clock
from registry.errors import Expired, IdempotencyConflict, NotFound
from registry.models.labels import LabelJob, LabelJobState
from registry.services import label_jobs
from registry.services.label_jobs import JobWish

LABELS = [
    LabelContent(url=f"HTTPS://DNA.EXAMPLE/S/4K7Q2M9XW3PZ{place:03}", number=f"MN-{place}") for place in range(1200)
]


def wish(owner_id, **changes):
    values = {
        "design": "asset-label", "stock": "L7160", "start": 1, "skip": [], "copies": 1, "language": "sv",
        "organisation": "Exempelby kommun", "package": "", "owner_id": owner_id,
    }  # fmt: skip
    return JobWish(**{**values, **changes})


def order(database, town, labels=LABELS, key=None, **changes):
    with database.transaction() as session:
        return label_jobs.order(session, town.officer, wish(town.owner_id, **changes), labels, key=key).uid


def told(database, town, uid):
    with database.transaction() as session:
        return label_jobs.of(session, town.officer, uid)


def test_a_job_is_made_with_all_its_labels(either_database, either_town):
    uid = order(either_database, either_town, start=5, copies=2)
    assert told(either_database, either_town, uid).state is LabelJobState.WAITING
    assert label_jobs.make_waiting(either_database) == 1
    job = told(either_database, either_town, uid)
    assert (job.state, job.made, job.total, job.pages) == (LabelJobState.DONE, 2400, 2400, 115)
    with either_database.transaction() as session:
        assert label_jobs.pdf_of(session, either_town.officer, uid).startswith(b"%PDF")
    assert label_jobs.make_waiting(either_database) == 0


def test_its_file_is_read_label_by_label_with_what_each_code_holds(database, town):
    uid = order(database, town, LABELS[:30])
    label_jobs.make_waiting(database)
    with database.transaction() as session:
        pdf = pikepdf.open(io.BytesIO(label_jobs.pdf_of(session, town.officer, uid)))
    assert str(pdf.Root.Lang) == "sv"
    said = [str(one.Alt) for one in pdf.Root.StructTreeRoot.K[0].K if one.S == "/Figure"]
    assert said[0::2] == [f"Kod: {label.url}" for label in LABELS[:30]]
    assert said[1::2] == [f"Kod: {label.number}" for label in LABELS[:30]]


def test_a_coat_of_arms_that_is_gone_ends_the_job_with_its_name(database, town, monkeypatch, tmp_path):
    (tmp_path / "config.toml").write_text(f'[labels]\ncoat_of_arms = "{tmp_path / "gone.svg"}"\n')
    monkeypatch.setenv("MARKDNA_CONFIG", str(tmp_path / "config.toml"))
    uid = order(database, town, LABELS[:1])
    label_jobs.make_waiting(database)
    job = told(database, town, uid)
    assert job.state is LabelJobState.FAILED
    assert job.fault.startswith("Vapnet ")
    assert "gone.svg: det kan inte läsas" in job.fault


def test_a_coat_of_arms_that_is_gone_stops_no_label_without_it(database, town, monkeypatch, tmp_path):
    (tmp_path / "config.toml").write_text(f'[labels]\ncoat_of_arms = "{tmp_path / "gone.svg"}"\n')
    monkeypatch.setenv("MARKDNA_CONFIG", str(tmp_path / "config.toml"))
    uid = order(database, town, LABELS[:1], design="warning-sticker")
    label_jobs.make_waiting(database)
    assert told(database, town, uid).state is LabelJobState.DONE


@pytest.mark.parametrize(("name", "replaced"), [("自転車", True), ("Cykel åäö ÀČ", False)])
def test_a_job_says_that_characters_were_replaced(either_database, either_town, name, replaced):
    uid = order(either_database, either_town, [replace(LABELS[0], name=name)])
    assert not told(either_database, either_town, uid).replaced_characters, "nothing is printed yet"
    label_jobs.make_waiting(either_database)
    job = told(either_database, either_town, uid)
    assert (job.state, job.replaced_characters) == (LabelJobState.DONE, replaced)


def test_progress_can_be_seen_while_it_is_made(database, town, monkeypatch):
    uid, seen, note = order(database, town), [], label_jobs._note

    def looked_at(held, job_id, **values):
        note(held, job_id, **values)
        seen.append(told(database, town, uid).made)

    monkeypatch.setattr(label_jobs, "_note", looked_at)
    label_jobs.make_waiting(database)
    assert seen == [500, 1000]


def test_two_presses_make_a_job_once(either_database, either_town):
    for _ in range(3):
        order(either_database, either_town, LABELS[:5])
    counts, start = [], threading.Barrier(3)

    def press():
        start.wait(30)
        counts.append(label_jobs.make_waiting(either_database))

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(counts) == 3


@pytest.mark.parametrize(("silent_for", "taken"), [(timedelta(minutes=3), 1), (timedelta(seconds=30), 0)])
def test_a_job_that_a_stopped_server_left_is_taken_up_again_after_a_while(database, town, silent_for, taken):
    uid = order(database, town, LABELS[:5])
    with database.transaction() as session:
        left = {"state": LabelJobState.WORKING, "made": 3, "taken_at": clock.now() - silent_for}
        session.execute(update(LabelJob).values(**left))
    assert label_jobs.make_waiting(database) == taken
    assert (told(database, town, uid).state is LabelJobState.DONE) is bool(taken)


def test_a_job_that_cannot_be_printed_fails_in_the_readers_words(database, town):
    uid = order(database, town, [LabelContent(url=LABELS[0].url, number="M" * 90)])
    label_jobs.make_waiting(database)
    job = told(database, town, uid)
    assert job.state is LabelJobState.FAILED
    assert "numret är för långt" in job.fault
    assert label_jobs.make_waiting(database) == 0


def test_an_order_that_was_rolled_back_is_not_made(database, town):
    with database.open() as session:
        label_jobs.order(session, town.officer, wish(town.owner_id), LABELS[:1])
        session.rollback()
    assert label_jobs.make_waiting(database) == 0


def test_a_key_names_one_order(database, town):
    order(database, town, LABELS[:1], key="a")
    with pytest.raises(IdempotencyConflict):
        order(database, town, LABELS[:1], key="a")
    with database.transaction() as session:
        assert len(session.scalars(select(LabelJob.id)).all()) == 1


def test_after_its_time_a_job_is_neither_made_nor_handed_out(database, town):
    uid = order(database, town, LABELS[:1])
    with database.transaction() as session:
        session.execute(update(LabelJob).values(expires_at=clock.now()))
    assert label_jobs.make_waiting(database) == 0
    with pytest.raises(Expired), database.transaction() as session:
        label_jobs.pdf_of(session, town.officer, uid)


def test_somebody_elses_job_is_not_there(database, town):
    uid = order(database, town, LABELS[:1])
    with pytest.raises(NotFound), database.transaction() as session:
        label_jobs.of(session, town.officer_of_another_authority, uid)
