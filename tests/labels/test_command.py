"""A file that is written whole or not at all, and what is said when it cannot be."""

import errno
import os
from pathlib import Path

import click
import pytest

from labels.command import replaced_when_done


@pytest.fixture
def file(tmp_path):
    """A file of an earlier day."""
    file = tmp_path / "labels.pdf"
    file.write_bytes(b"old")
    return file


def write(file, content=b"new"):
    with replaced_when_done(file) as stream:
        stream.write(content)


def test_a_file_takes_the_place_of_the_old_one_and_others_may_read_it(file):
    write(file)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o644)


def test_a_full_disk_is_told_and_the_old_file_stays(file, monkeypatch):
    def on_a_full_disk(handle, _mode):
        os.close(handle)
        return Path("/dev/full").open("wb")

    monkeypatch.setattr("labels.command.os.fdopen", on_a_full_disk)
    with pytest.raises(click.ClickException, match=r"labels\.pdf: No space left"):
        write(file)
    assert (file.read_bytes(), list(file.parent.iterdir())) == (b"old", [file])


def test_a_file_that_may_not_be_replaced_is_told_and_stays(file, monkeypatch):
    def refused(self, _target):
        raise PermissionError(errno.EPERM, "Operation not permitted", str(self))

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(click.ClickException, match=r"labels\.pdf: Operation not permitted"):
        write(file)
    assert (file.read_bytes(), list(file.parent.iterdir())) == (b"old", [file])


def test_a_fault_of_another_file_is_not_told_of_this_one(file):
    with pytest.raises(FileNotFoundError), replaced_when_done(file) as stream:
        stream.write(Path("nowhere").read_bytes())
    assert (file.read_bytes(), list(file.parent.iterdir())) == (b"old", [file])
