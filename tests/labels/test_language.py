"""Catalogues are read as the library for them reads them, and what cannot be read is refused."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import labels
from labels.language import Language, messages_in, reader_language, translations

ROOT = Path(labels.__file__).parent.parent
CATALOGUES = sorted(ROOT.glob("*/translations/sv/*.po"))


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: f"{file.parts[-4]}-{file.stem}")
def test_a_catalogue_says_what_babel_reads_in_it(file):
    with file.open("rb") as source:
        catalogue = read_po(source, locale="sv")
    expected = {}
    for message in catalogue:
        key = message.id if isinstance(message.id, str) else message.id[0]
        said = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        if key and all(said):
            expected[key] = said
    assert messages_in(file) == expected
    assert expected


def test_a_text_over_several_lines_with_escapes_is_joined(tmp_path):
    file = tmp_path / "sv" / "words.po"
    file.parent.mkdir()
    file.write_text('msgid ""\n"One \\"two\\""\nmsgstr "Ett "\n"\\"två\\"\\n"\n', encoding="utf-8")
    assert translations(Language.SWEDISH, tmp_path).gettext('One "two"') == 'Ett "två"\n'


def test_fuzzy_and_empty_translations_stay_english(tmp_path):
    file = tmp_path / "sv" / "words.po"
    file.parent.mkdir()
    file.write_text('#, fuzzy\nmsgid "One"\nmsgstr "Två"\n\nmsgid "Three"\nmsgstr ""\n', encoding="utf-8")
    words = translations(Language.SWEDISH, tmp_path)
    assert (words.gettext("One"), words.gettext("Three")) == ("One", "Three")


def test_one_and_many_have_words_of_their_own(tmp_path):
    file = tmp_path / "sv" / "words.po"
    file.parent.mkdir()
    file.write_text('msgid "a thing"\nmsgid_plural "things"\nmsgstr[0] "en sak"\nmsgstr[1] "saker"\n', encoding="utf-8")
    swedish = translations(Language.SWEDISH, tmp_path)
    assert [swedish.ngettext("a thing", "things", count) for count in (0, 1, 2)] == ["saker", "en sak", "saker"]
    assert [swedish.ngettext("a box", "boxes", count) for count in (0, 1, 2)] == ["boxes", "a box", "boxes"]


def test_the_last_folder_has_the_last_word(tmp_path):
    for folder, said in (("one", "först"), ("two", "sist")):
        file = tmp_path / folder / "sv" / "words.po"
        file.parent.mkdir(parents=True)
        file.write_text(f'msgid "word"\nmsgstr "{said}"\n', encoding="utf-8")
    assert translations(Language.SWEDISH, tmp_path / "one", tmp_path / "two").gettext("word") == "sist"


@pytest.mark.parametrize("line", ['msgctxt "menu"', "what is this", "msgid unquoted"])
def test_a_line_of_another_kind_is_refused_with_its_file(tmp_path, line):
    file = tmp_path / "words.po"
    file.write_text(f'{line}\nmsgid "word"\nmsgstr "ord"\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"words\.po"):
        messages_in(file)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"MARKDNA_LANGUAGE": "sv", "LANG": "en_GB.UTF-8"}, Language.SWEDISH),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "sv_SE.UTF-8"}, Language.ENGLISH),
        ({"LANG": "sv_SE.UTF-8"}, Language.SWEDISH),
        ({}, Language.ENGLISH),
    ],
)
def test_the_reader_is_spoken_to_in_the_language_of_the_terminal(environment, language):
    assert reader_language(environment) is language
