"""What ``markdna serve`` looks at before it listens."""

import pytest

from labels.errors import ArtworkError
from registry import clock
from registry.commands.serve import refuse_a_wrong_coat_of_arms
from registry.models.house_style import HouseStyleRow
from registry.services.house_style import house_style, paper_style

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 26"><path d="M1 1h18v18z"/></svg>'


@pytest.fixture
def away(tmp_path, monkeypatch):
    """A config.toml whose coat of arms is not there."""
    content = f'[labels]\ncontact = "Frågor: 0123"\ncoat_of_arms = "{tmp_path / "gone.svg"}"\n'
    (tmp_path / "config.toml").write_text(content, encoding="utf-8")
    monkeypatch.setenv("MARKDNA_CONFIG", str(tmp_path / "config.toml"))


def set_on_the_page(database, arms):
    with database.transaction() as session:
        session.add(
            HouseStyleRow(id=1, contact="", ink="#0b3d48", signal="#ff8fc2", coat_of_arms=arms, changed_at=clock.now())
        )


@pytest.mark.usefixtures("away")
def test_a_coat_of_arms_that_is_away_is_learnt_before_the_server_listens(database):
    with pytest.raises(ArtworkError, match=r"gone\.svg: it cannot be read"):
        refuse_a_wrong_coat_of_arms(database, "Exempelby kommun")


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize("arms", [SVG, None])
def test_what_is_set_on_the_page_is_what_counts(database, arms):
    set_on_the_page(database, arms)
    refuse_a_wrong_coat_of_arms(database, "Exempelby kommun")
    with database.transaction(reads_only=True) as session:
        style = house_style(session, "Exempelby kommun")
    shown = style.coat_of_arms.aspect if style.coat_of_arms else None
    assert (shown, style.ink) == (arms and pytest.approx(20 / 26), "#0b3d48")


def test_a_kept_file_that_cannot_be_drawn_is_refused_too(database):
    set_on_the_page(database, b"no picture")
    with pytest.raises(ArtworkError, match="no picture that can be read"):
        refuse_a_wrong_coat_of_arms(database, "Exempelby kommun")


@pytest.mark.usefixtures("away")
def test_a_paper_that_must_be_printed_goes_without_the_arms_and_keeps_the_rest(database):
    with database.transaction() as session:
        style = paper_style(session, "Exempelby kommun")
    assert (style.coat_of_arms, style.contact) == (None, "Frågor: 0123")
