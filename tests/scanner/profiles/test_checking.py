import pytest
from click.testing import CliRunner

from scanner.cli import readers
from scanner.profiles.checking import first_difference, hex_lines
from scanner.profiles.profile import Example, shipped_profiles

PROFILES = {profile.name: profile for profile in shipped_profiles()}


def explained(name, frame, number="-"):
    difference = first_difference(PROFILES[name], Example(frame=frame, number=number))
    return difference.template.format(**difference.values), difference.at


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_the_shipped_examples_show_no_difference(profile):
    assert [first_difference(profile, example) for example in profile.example] == [None] * len(profile.example)


@pytest.mark.parametrize(
    ("name", "frame", "words", "at"),
    [
        ("wl-134a", b"\x03" + b"1" * 29, "start: byte 0 is 03, expected 02", 0),
        ("wl-134a", b"\x02" + b"1" * 29, "end: byte 29 is 31, expected 03", 29),
        ("wl-134a", b"\x02" + b"1" * 20 + b"\x03", "the frame has 22 bytes, expected 30", None),
        ("wl-134a", b"\x02171A9253A34830010000000000\x08\xf8\x03", "xor: byte 27 is 08, expected 07", 27),
        ("wl-134a", b"\x02171A9253A34830010000000000\x07\xf9\x03", "xor: byte 28 is F9, expected F8", 28),
        ("multi-card", bytes.fromhex("02 0B 02 06 00 8E 6D 5D B0 03"), "the frame has 10 bytes, expected 11", 1),
        ("multi-card", bytes.fromhex("02 0A 03 06 00 8E 6D 5D B1 03"), "pattern: byte 2 is 03, expected \\x02", 2),
        ("em4100", b"307E4DE5C2G4", "xor: byte 11 is 34, expected 34", 11),
        ("em4100", b"307E4DE5G224", "xor: it covers bytes that are no hexadecimal digits", 0),
        ("allflex", b"LA 98 000001088420\r\n", "pattern: byte 5 is 20, expected", 5),
        ("allflex", b"LA 982 000001088420", "end: byte 17 is 32, expected 0D", 17),
        ("fdx-module", b"\xaa\xbb", "the frame ends before its length field at byte 2", 1),
    ],
)
def test_the_first_difference_is_named_by_its_byte(name, frame, words, at):
    if name == "em4100" and b"G4" in frame:
        words = "xor: byte 10 is 47, expected 32"
        at = 10
    said, found_at = explained(name, frame)
    assert said.startswith(words)
    assert found_at == at


def test_a_wrong_number_is_shown_beside_the_expected_one():
    assert explained("em4100", b"307E4DE5C224", "307E4DE5C3") == (
        "the number is 307E4DE5C2, expected 307E4DE5C3",
        None,
    )


def test_the_bytes_are_shown_with_a_mark_below_the_one_that_differs():
    assert hex_lines(b"\x02A" + b"." * 15, 1) == [
        "0000  02 41 2E 2E 2E 2E 2E 2E 2E 2E 2E 2E 2E 2E 2E 2E  .A..............",
        "         ^^",
        "0016  2E                                               .",
    ]


def test_the_command_says_what_reads_and_what_does_not(tmp_path):
    file = tmp_path / "em4100.toml"
    from importlib import resources

    shipped = resources.files("scanner.profiles").joinpath("em4100.toml").read_text("utf-8")
    file.write_text(shipped + '\n[[example]]\nframe = { text = "307E4DE5C225" }\nnumber = "307E4DE5C2"\n', "utf-8")
    result = CliRunner().invoke(readers, ["check", str(file)], env={"MARKDNA_LANGUAGE": "sv"})
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "Exempel 1: läser 307E4DE5C2",
        "Exempel 2: xor: byte 11 är 35, väntade 34",
        "    0000  33 30 37 45 34 44 45 35 43 32 32 35              307E4DE5C225",
        "                                           ^^",
    ]
