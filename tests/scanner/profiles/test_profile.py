import pytest

from scanner.drivers import driver_named
from scanner.errors import BadProfileError
from scanner.framing.tally import Refusal
from scanner.profiles.profile import load_profile, shipped_profiles
from scanner.reading import Number

# A line-based reader that the station does not know: a few lines are all it takes.
UNKNOWN_READER = """
name = "hedlund-h1"
description = "Hedlund H1"
symbology = "EM4100"
number = "{id:010X}"
[line]
baud_rate = 19200
[frame]
start = { text = "#" }
end = "0D"
pattern = '#(?P<id>[0-9A-F]{10}),[0-9A-F]{4}\\r'
[[checksum]]
kind = "crc16-ccitt-false"
first = 1
stop = 11
at = 12
written = "hex"
[field.id]
read_as = "hex"
[[example]]
frame = { text = "#0F0184F07A,<crc>\\r" }
number = "0F0184F07A"
"""


@pytest.fixture
def written(tmp_path):
    """A function that writes the profile above with one text in it changed; it gives the path."""

    def write(old="<crc>", new="01A2"):
        path = tmp_path / "h1.toml"
        path.write_text(UNKNOWN_READER.replace("<crc>", "01A2" if old != "<crc>" else new).replace(old, new), "utf-8")
        return path

    return write


@pytest.mark.parametrize("profile", shipped_profiles(), ids=lambda profile: profile.name)
def test_each_shipped_profile_reads_its_own_examples(profile):
    assert [profile.understand(example.frame) for example in profile.example] == [
        example.number for example in profile.example
    ]


@pytest.mark.parametrize(
    ("name", "frame", "number"),
    [
        ("em4100", b"307E4DE5C224", "307E4DE5C2"),
        ("em4100", b"307e4de5c224", "307E4DE5C2"),
        ("parallax-28140", bytes.fromhex("0A 30 46 30 31 38 34 46 30 37 41 0D"), "0F0184F07A"),
        ("multi-card", bytes.fromhex("02 0A 02 06 00 8E 6D 5D B0 03"), "06008E6D5D"),
        ("wl-134a", b"\x02171A9253A34830010000000000\x07\xf8\x03", "900 250000023921"),
        ("fdx-module", bytes.fromhex("AA 0F 08 00 03 84 12 DB FA E7 D5 81 BB"), "900 081000064981"),
        ("allflex", b"LA 982 000001088420\r\n", "982 000001088420"),
    ],
)
def test_the_frames_of_readers_on_the_market_are_read(name, frame, number, now):
    driver = driver_named(name)
    (reading,) = driver.receive(frame, now)
    assert reading.observations[0].text == number
    assert reading.raw == frame


def test_a_new_reader_takes_a_few_lines_and_no_code(written, now):
    driver = driver_named(str(written()))
    (reading,) = driver.receive(b"noise#0F0184F07A,01A2\r", now)
    assert reading.observations == (Number("EM4100", "0F0184F07A"),)
    assert driver.line.baud_rate == 19200
    assert driver.receive(b"#0F0184F07B,01A2\r", now) == []
    assert driver.tally.refused == {Refusal.CHECKSUM: 1}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "crc16-ccitt-false"', 'kind = "crc-17"', "checksum.0: .* kind is one of xor, sum, crc16-arc"),
        ("baud_rate = 19200", "baud_rate = 3", "line.baud_rate: 3"),
        ("baud_rate = 19200", "bits = 3", "line.bits: 3"),
        ("(?P<id>", "(?P<tag>", "no group id"),
        ("[0-9A-F]{10}", "[0-9A-F{10}", "pattern: missing"),
        ('end = "0D"', "", "needs length, length_field or end"),
        ('end = "0D"', 'end = "0X"', "hexadecimal"),
        ('start = { text = "#" }', "", "without start needs length"),
        ('number = "{id:010X}"', 'number = "{id:z}"', "format"),
        ('number = "{id:010X}"', 'number = "{other}"', "no group other"),
        ("[[example]]", "[[examples]]", "example"),
        ('name = "hedlund-h1"', 'name = "H 1"', "name: 'H 1'"),
        ('name = "hedlund-h1"', "name", "TOML in UTF-8"),
        ('name = "hedlund-h1"', "name = " + "[" * 3000, "TOML in UTF-8"),
        ('name = "hedlund-h1"', "name = " + "1" * 5000, "TOML in UTF-8"),
    ],
)
def test_a_bad_profile_is_refused_with_the_key_and_what_is_allowed(written, old, new, words):
    with pytest.raises(BadProfileError, match=words):
        load_profile(written(old, new))


def test_a_profile_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadProfileError, match=r"gone\.toml"):
        driver_named(str(tmp_path / "gone.toml"))
