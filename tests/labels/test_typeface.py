import pytest

from labels.typeface import BOLD, CODE, MISSING, REGULAR, plain


@pytest.mark.parametrize("face", [REGULAR, BOLD, CODE], ids=lambda face: face.name)
def test_the_faces_have_the_letters_of_swedish_and_its_neighbours(face):
    needed = set("abcxyzåäöéüÅÄÖÉÜłŁžčšćđæøßğşþðőńęąțňř0123456789—…·•€§") | {
        "\N{EN DASH}",
        "\N{MINUS SIGN}",
        "\N{MULTIPLICATION SIGN}",
    }
    assert needed <= face.characters


def test_width_grows_with_the_size_and_is_in_millimetres():
    assert CODE.width("0000", 10) == pytest.approx(4 * 0.6 * 10 * 25.4 / 72, rel=0.1)
    assert BOLD.width("DNA", 20) == pytest.approx(2 * BOLD.width("DNA", 10))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Åsa Öberg", "Åsa Öberg"),
        ("A\N{COMBINING RING ABOVE}sa", "Åsa"),
        ("rad ett\nrad två\t!", "rad ett rad två !"),
        ("Cykel 🚲 röd", "Cykel röd"),
        ("familj 👨\N{ZERO WIDTH JOINER}👩\N{VARIATION SELECTOR-16}", "familj"),
        ("abc\N{RIGHT-TO-LEFT OVERRIDE}def", "abcdef"),
        ("nul\x00och\x1bescape", "nuloch" + "escape"),
        ("ﬁnt ½", "fint ½"),
        ("Ṩen", "Sen"),
        ("Дмитрий", MISSING * 7),
        ("שלום", MISSING * 4),
        ("", ""),
    ],
)
def test_text_from_people_becomes_one_line_that_can_be_drawn(written, read):
    assert plain(written) == read


def test_a_long_text_is_cut_with_an_ellipsis_that_fits():
    cut = REGULAR.cut("Motorsåg med kedja och svärd", 20, 8)
    assert cut.endswith("…")
    assert cut.startswith("Motorsåg")
    assert REGULAR.width(cut, 8) <= 20


def test_lines_break_at_spaces_and_the_last_one_is_cut():
    lines = REGULAR.lines("ett två tre fyra fem sex sju åtta nio tio", 14, 8, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(REGULAR.width(line, 8) <= 14 for line in lines)


def test_a_word_longer_than_a_line_is_divided():
    lines = REGULAR.lines("x" * 200, 14, 8, 4)
    assert len(lines) == 4
    assert all(REGULAR.width(line, 8) <= 14 for line in lines)


def test_the_size_is_reduced_to_fit_but_not_below_the_smallest():
    assert REGULAR.size_for("kort", 40, 9, 5) == 9
    assert 5 < REGULAR.size_for("Motorsåg med svärd", 20, 9, 5) < 9
    assert REGULAR.size_for("x" * 200, 20, 9, 5) == 5
