import pytest

from labels.errors import ContentError
from labels.remembered import Remembered
from labels.settings import Calibration


def test_a_correction_is_there_the_next_time(tmp_path):
    file = tmp_path / "state.json"
    Remembered(file).calibrate("office", Calibration(offset_x=1.5))
    assert Remembered(file).calibration("office") == Calibration(offset_x=1.5)
    assert Remembered(file).calibration("other") is None


def test_used_places_of_a_package_are_there_the_next_time(tmp_path):
    file = tmp_path / "state.json"
    Remembered(file).use("box", "L7160", {3, 1, 2}, 21)
    package = Remembered(file).package("box")
    assert package is not None
    assert (package.stock, package.used) == ("L7160", (1, 2, 3))


def test_a_full_sheet_means_that_the_next_one_is_new(tmp_path):
    file = tmp_path / "state.json"
    Remembered(file).use("box", "A4", {1}, 1)
    package = Remembered(file).package("box")
    assert package is not None
    assert package.used == ()


@pytest.mark.parametrize("content", ["{", '{"packages": 3}', '{"what": {}}', ""])
def test_a_damaged_file_is_named_and_kept(tmp_path, content):
    file = tmp_path / "state.json"
    file.write_text(content)
    with pytest.raises(ContentError, match=r"state\.json: what printing remembers cannot be read"):
        Remembered(file)
    assert file.read_text() == content


def test_nothing_but_the_file_is_left_in_its_folder(tmp_path):
    Remembered(tmp_path / "state.json").calibrate("office", Calibration())
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
