"""How tests drive the station's page in a browser."""

from pathlib import Path

CASE = "5000-K123456-26"
PICTURES = Path(__file__).parents[3] / "var" / "journeys"


class Nowhere:
    """The view behind the view: takes everything and shows nothing."""

    def __getattr__(self, _name):
        return lambda *_: None


class Desk:
    """A station that keeps the findings and attachments it is given, as long as its disk does."""

    def __init__(self):
        self.noted = []
        self.said = []
        self.items = []
        self.last_finding = None
        self.seized_item = "2:1"
        self.full = False

    def note(self, finding):
        if self.full:
            return ""
        self.noted.append(finding)
        key = f"message {len(self.noted)}"
        self.last_finding = None if finding.withdrawn else (key, finding)
        return key

    def attach(self, key, reading_id, label):
        self.said.append((reading_id or key, label))
        return not self.full

    def seized_items(self):
        return self.items


def shows(tab, place, text):
    tab.wait_for_function(
        "([place, text]) => document.querySelector(place)?.textContent.includes(text)", arg=[place, text]
    )


def choose(tab, label):
    tab.keyboard.press("i")
    tab.wait_for_function("() => document.activeElement.id === 'label'")
    tab.keyboard.type(label)
    tab.keyboard.press("Enter")
