"""Whatever a file or an answer holds, it is refused in words or understood; nothing else ever happens."""

import json
import tempfile
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scanner.errors import BadProfileError, BadReadsFileError
from scanner.framing.tally import Refusal
from scanner.journal import Journal, contents
from scanner.profiles.checking import first_difference
from scanner.profiles.profile import Example, load_profile, shipped_profiles
from scanner.registry_client import Accepted, Refused, Unreachable, Withheld, _outcome
from scanner.sealing import SealingKey
from scanner.simulator.reads_file import planned_readings, reader_identity

PROFILES = shipped_profiles()
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-3, 3000), st.floats(), st.text(max_size=8))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("suffix", [".fastq", ".toml", ".json", ".csv"])
def test_any_file_of_readings_is_planned_or_refused(suffix):
    lines = st.lists(
        st.sampled_from(
            ["@a", "ACGT", "+", "IIII", "id,dot,glow", "R-1,A,true", "[[reading]]", 'id = "R"', "[", "{}", '"']
        )
    )

    @QUICK
    @given(st.one_of(st.binary(max_size=80), lines.map("\n".join).map(str.encode)))
    @example(b"\x00")
    @example(b'[{"id": "R", "glow": 7}]')
    @example(b"id\n\x00")
    @example(b'[reader]\nmaker = [1]\n[[reading]]\nid = "R"\nglow = true')
    @example(b"reader = 3")
    def told(content):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"reads{suffix}"
            file.write_bytes(content)
            said = str(file)
            try:
                planned_readings(file)
                reader_identity(file)
            except BadReadsFileError as refused:
                said = str(refused)
            assert str(file) in said

    told()


@QUICK
@given(st.dictionaries(st.sampled_from(["id", "glow", "dot", "bases", "peak_nm"]), VALUES))
def test_any_row_of_readings_is_planned_or_refused(row):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "reads.json"
        file.write_text(json.dumps([row]), encoding="utf-8")
        said = "reading 1"
        try:
            planned_readings(file)
        except BadReadsFileError as refused:
            said = str(refused)
        assert "reading 1" in said


@QUICK
@given(st.binary(max_size=80), st.sampled_from(PROFILES), st.integers(0, 400))
def test_any_change_of_a_profile_leaves_a_profile_or_a_refusal(garbage, profile, at):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "profile.toml"
        source = Path(__file__).parents[2] / "scanner" / "profiles" / f"{profile.name}.toml"
        content = source.read_bytes()
        file.write_bytes(content[:at] + garbage + content[at:])
        said = str(file)
        try:
            load_profile(file)
        except BadProfileError as refused:
            said = str(refused)
        assert str(file) in said


@QUICK
@given(st.sampled_from(PROFILES), st.binary(max_size=40))
def test_any_frame_is_understood_or_refused_and_its_difference_explained(profile, frame):
    for changed in (frame, profile.frame.start + frame + profile.frame.end):
        said = profile.understand(changed)
        difference = first_difference(profile, Example(frame=changed, number=str(said)))
        # What is understood has no difference, and what is not always has one.
        assert isinstance(said, Refusal) == (difference is not None)
        if difference:
            assert difference.template.format(**difference.values)


@QUICK
@given(
    st.sampled_from([200, 201, 204, 302, 400, 401, 404, 409, 413, 422, 429, 500, 503]),
    st.one_of(VALUES.map(lambda value: json.dumps(value).encode()), st.binary(max_size=30)),
    st.sampled_from(["application/json", "application/problem+json", "text/html", ""]),
    st.one_of(st.none(), st.text("0123456789abc :-", max_size=10), st.just("Thu, 99 Foo 2026 99:99:99 GMT")),
)
def test_any_answer_of_any_server_has_one_of_four_outcomes(status, content, kind, retry_after):
    headers = {"content-type": kind} | ({"retry-after": retry_after} if retry_after is not None else {})
    outcome = _outcome(httpx.Response(status, content=content, headers=headers))
    assert isinstance(outcome, Accepted | Refused | Withheld | Unreachable)


@QUICK
@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_file_in_the_journals_place_opens_and_takes_a_record(pieces):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "readings.journal").write_bytes(b"\n".join(pieces))
        journal = Journal(Path(folder), SealingKey(bytes(range(32))))
        assert journal.counts().waiting == 0
        journal.close()
        assert list(contents(Path(folder))) == []
