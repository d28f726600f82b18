"""The full-screen view without a terminal: shown to a test, with a station that does nothing behind it."""

import pytest
from textual.widgets import DataTable, Input, Static

from scanner.item_question import ItemQuestion


class Shown:
    """A full screen that is being shown, without a terminal."""

    def __init__(self, app, pilot, stopped):
        self.app, self.pilot, self.stopped = app, pilot, stopped
        self.bells = 0
        app.bell = self._ring

    def _ring(self):
        self.bells += 1

    async def settle(self):
        """Until all that happened is drawn."""
        while not self.app._happened.empty():
            await self.pilot.pause(0.02)
        await self.pilot.pause(0.1)

    async def until(self, condition):
        """Until something is so, however busy the machine is."""
        for _ in range(1000):
            if condition():
                return
            await self.pilot.pause(0.02)
        pytest.fail("it did not come")

    async def choose(self, label):
        """Say which item lies on the table, as an officer does."""
        await self.pilot.press("i")
        await self.until(lambda: isinstance(self.app.focused, Input))
        await self.pilot.press(*label, "enter")
        await self.until(lambda: not isinstance(self.app.screen, ItemQuestion))

    def text(self, name):
        return str(self.app.query_one(f"#{name}", Static).render())

    def rows(self):
        table = self.app.query_one("#readings", DataTable)
        return [[str(cell) for cell in table.get_row_at(index)] for index in range(table.row_count)]


class Desk:
    """A station that does nothing but what the keys ask of it, and keeps what it was told."""

    def __init__(self, app, stopped):
        self.app, self.stopped = app, stopped
        self.seized_item = ""
        self.said = []
        self.noted = []
        self.last_finding = None

    def run(self, _flush_seconds):
        # Longer than any errand on a busy machine: when the work ends, so does the screen.
        self.stopped.wait(300)
        return 7

    def stop(self):
        self.stopped.set()

    def attach(self, key, reading_id, label):
        self.said.append((reading_id, label))
        self.app.attached(key, label)
        return True

    def note(self, finding):
        self.noted.append(finding)
        key = f"message {len(self.noted)}"
        self.last_finding = None if finding.withdrawn else (key, finding)
        return key

    def seized_items(self):
        return [("2:1", "Cykel, röd"), ("2:2", "Borrmaskin")]
