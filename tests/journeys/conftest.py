"""A real browser for whole errands; pictures of every stop are kept in ``var/journeys`` of the checkout."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium(skip_or_fail: Callable[[str, str], None]) -> Iterator[Browser]:
    """Debian's Chromium, headless; ended with the module, since another module may start one of its own."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        skip_or_fail("no Chromium here", "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Walker:
    """One person's browser: goes through pages, takes pictures, and fails on whatever a page complains of."""

    def __init__(self, page: Page, name: str, pictures: Path) -> None:
        self.page = page
        self.name = name
        self.pictures = pictures
        self.complaints: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._request_failed)

    def _console(self, message: object) -> None:
        if message.type in {"error", "warning"}:  # type: ignore[attr-defined]
            self.complaints.append(message.text)  # type: ignore[attr-defined]

    def _request_failed(self, request: Request) -> None:
        # A download, or a page that is left before its icon came, ends a request without harm.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.complaints.append(f"not loaded: {request.url} ({request.failure})")

    def picture(self, stop: str) -> Path:
        """Take a picture of the whole page."""
        file = self.pictures / f"{self.name}-{stop}.png"
        self.page.screenshot(path=file, full_page=True)
        return file

    def fits(self) -> bool:
        """Whether the page is no wider than the window."""
        wide: bool = self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        return wide


@pytest.fixture(scope="session")
def pictures() -> Path:
    folder = ROOT / "var" / "journeys"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def walker(chromium: Browser, pictures: Path) -> Iterator[Callable[..., Walker]]:
    """``walker(name, base_url, phone=…, dark=…, language=…)`` opens a browser of its own for one person."""
    contexts = []

    def opened(name: str, base_url: str, *, phone: bool = False, dark: bool = False, language: str = "sv") -> Walker:
        context = chromium.new_context(
            base_url=base_url,
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 900},
            color_scheme="dark" if dark else "light",
            locale="sv-SE" if language == "sv" else "en-GB",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return Walker(context.new_page(), name, pictures)

    yield opened
    for context in contexts:
        context.close()
