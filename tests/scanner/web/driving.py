"""How tests drive the station's page in a browser."""

from pathlib import Path

CASE = "5000-K123456-26"
PICTURES = Path(__file__).parents[3] / "var" / "journeys"


class Nowhere:
    """The view behind the view: takes everything and shows nothing."""

    def __getattr__(self, _name):
        return lambda *_: None


def shows(tab, place, text):
    tab.wait_for_function(
        "([place, text]) => document.querySelector(place)?.textContent.includes(text)", arg=[place, text]
    )


def choose(tab, label):
    tab.keyboard.press("i")
    tab.wait_for_function("() => document.activeElement.id === 'label'")
    tab.keyboard.type(label)
    tab.keyboard.press("Enter")
