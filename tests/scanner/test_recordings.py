import json
import re
from pathlib import Path

import pytest

from scanner.drivers import DRIVERS, driver_named
from scanner.reading import Reading

FOLDER = Path(__file__).parent / "recordings"
RECORDINGS = sorted(FOLDER.glob("*.bin"))


def read(recording, pieces, now):
    driver = driver_named(re.sub(r"-(good|broken)(-\d+)?$", "", recording.stem))
    events = [event for piece in pieces for event in driver.receive(piece, now)] + driver.silence(now)
    return {
        "observations": [
            [seen.as_json() for seen in event.observations] for event in events if isinstance(event, Reading)
        ],
        "frames": driver.tally.frames,
        "refused": {str(reason): count for reason, count in sorted(driver.tally.refused.items())},
        "lost": driver.tally.lost,
    }


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_a_recording_is_read_as_noted_however_it_was_split(recording, now):
    line = recording.read_bytes()
    expected = json.loads(recording.with_suffix(".json").read_text(encoding="utf-8"))
    assert read(recording, [line], now) == expected
    assert read(recording, [line[at : at + 1] for at in range(len(line))], now) == expected
    for cut in range(1, len(line)):
        assert read(recording, [line[:cut], line[cut:]], now) == expected


def test_every_driver_has_a_good_and_a_broken_recording():
    stems = {recording.stem for recording in RECORDINGS}
    assert {f"{name}-{kind}" for name in DRIVERS if name != "auto" for kind in ("good", "broken")} <= stems
