import pytest

from labels.errors import ConfigFileError
from labels.settings import LabelSettings, contrast, label_settings


def config(tmp_path, text):
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_everything_has_a_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MARKDNA_CONFIG", raising=False)
    assert label_settings() == LabelSettings()


def test_own_stocks_are_read_and_closed(tmp_path):
    file = config(
        tmp_path,
        """
        [labels]
        organisation = "Kvarnby kommun"
        [labels.stocks.VINYL]
        label = [90, 50]
        columns = 2
        rows = 5
        left = 10
        top = 13.5
        pitch = [100, 55]
        source = "measured, 2026-11-02"
        """,
    )
    stock = label_settings(file).own_stocks()["VINYL"]
    assert stock.positions == 10
    assert stock.corner(2) == (110, 13.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[labels]\norganization = 'x'", r"organization: unknown key\. Allowed: coat_of_arms, contact"),
        ("[labels]\nink = '#9fd0ff'", r"ink: .*its contrast with white is 1\.\d, needed is 4\.5"),
        ("[labels]\nink = 'blue'", "ink: 'blue' is not allowed"),
        ("[labels]\nsticker_base_url = 'dna.example/s'", "scheme and host alone"),
        ("[labels]\nsticker_base_url = 'https://x.example/s/'", "scheme and host alone"),
        ("[labels.stocks.X]\nlabel = [90, 50]\ncolumns = 3\nleft = 10", "add up to 290.0 mm along x"),
        ("[labels.printers.disk]\noffset_x = 30", r"printers.disk.offset_x: 30 is not allowed"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_with_what_is_allowed(tmp_path, text, message):
    with pytest.raises(ConfigFileError, match=message):
        label_settings(config(tmp_path, text))


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast(LabelSettings().ink, "#ffffff") > 10
