"""What ``[labels]`` in config.toml may say: the house style, the address on the stickers, own stocks, printers."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from labels.config_file import Section, config_path, read_section
from labels.errors import StockError
from labels.stock import Stock

__all__ = ["Calibration", "LabelSettings", "OwnStock", "PrinterSettings", "contrast", "label_settings"]

Millimetres = Annotated[float, Field(ge=0, le=2000)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]

READABLE_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3, for text; codes on labels need no less."""


def contrast(one: str, other: str) -> float:
    """Contrast of two colours ``#rrggbb`` by WCAG 2.2 (relative luminance), from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class OwnStock(Section):
    """A label stock of your own, ``[labels.stocks.NAME]``; lengths in millimetres."""

    label: tuple[Millimetres, Millimetres]
    """Width and height of one label."""
    columns: Annotated[int, Field(ge=1, le=100)] = 1
    """Labels beside each other."""
    rows: Annotated[int, Field(ge=1, le=100)] = 1
    """Labels below each other."""
    left: Millimetres = 0
    """From the page's left edge to the first label."""
    top: Millimetres = 0
    """From the page's top edge to the first label."""
    pitch: tuple[Millimetres, Millimetres] | None = None
    """From one label's edge to the next one's, across and down; the label's size if not given."""
    page: tuple[Millimetres, Millimetres] = (210, 297)
    """Width and height of the page, or of one label on a roll."""
    right: Millimetres | None = None
    """What is left after the last column; like ``left`` if not given."""
    bottom: Millimetres | None = None
    """What is left below the last row; like ``top`` if not given."""
    roll: bool = False
    """Whether it is a roll of a label printer."""
    source: str = "config.toml"
    """Where the numbers come from."""

    def stock(self, name: str) -> Stock:
        """The stock called ``name``; raises StockError if it does not close on its page."""
        across, down = self.pitch or self.label
        return Stock(
            code=name, use="own stock", label=self.label, columns=self.columns, rows=self.rows, left=self.left,
            top=self.top, pitch_x=across, pitch_y=down, source=self.source, page=self.page, right=self.right,
            bottom=self.bottom, roll=self.roll,
        )  # fmt: skip


class Calibration(Section):
    """What a printer shifts and stretches, as read from the calibration page."""

    offset_x: Annotated[float, Field(ge=-10, le=10)] = 0
    """Millimetres to move the print to the right."""
    offset_y: Annotated[float, Field(ge=-10, le=10)] = 0
    """Millimetres to move the print down."""
    scale_x: Annotated[float, Field(ge=0.95, le=1.05)] = 1
    """Factor in width, e.g. 1.002 for a printer that prints 200 mm as 199.6 mm."""
    scale_y: Annotated[float, Field(ge=0.95, le=1.05)] = 1
    """Factor in height."""


class PrinterSettings(Calibration):
    """A printer by name, ``[labels.printers.NAME]``."""

    kind: Literal["sheet", "zpl", "brother-ql"] = "sheet"
    """A sheet printer (PDF), a ZPL II printer or a Brother QL."""
    queue: str = ""
    """Name of its CUPS queue."""
    address: str = ""
    """Host and port for raw printing, e.g. ``192.0.2.10:9100``."""
    model: str = "QL-820NWB"
    """Model of a Brother QL printer."""
    dpi: Literal[203, 300] = 203
    """Dots per inch of a ZPL printer; at 600 the printer's own QR codes cannot be drawn large enough."""


class LabelSettings(Section):
    """``[labels]`` of config.toml."""

    sticker_base_url: str = "http://127.0.0.1:8480"
    """Scheme and host of the register's public pages; stickers show it in capital letters, so keep it short."""
    organisation: str = ""
    """Name on asset labels, signs and certificates, e.g. the municipality."""
    coat_of_arms: Path | None = None
    """SVG file with the coat of arms, or PNG or JPEG of at least 200 pixels; at most 2 MB."""
    contact: str = ""
    """One line on receipts and certificates: who answers questions, e.g. a telephone number and an address."""
    ink: Colour = "#0b3d48"
    """Main colour; must be readable on white (contrast 4.5 or more)."""
    signal: Colour = "#ff8fc2"
    """The one warm colour, for a stroke on the dark field only, never for text or codes."""
    default_stock: str = "L7160"
    """Stock that is used when none is named."""
    default_printer: str = ""
    """Printer (of ``[labels.printers]``) that is used when none is named."""
    state_file: Path = Path("labels-state.json")
    """Where printing remembers corrections of printers and used places of packages."""
    stocks: dict[str, OwnStock] = Field(default_factory=dict)
    """Stocks of your own, by name."""
    printers: dict[str, PrinterSettings] = Field(default_factory=dict)
    """Printers by name, with their calibration."""

    @field_validator("sticker_base_url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?/?", value):
            msg = "should be scheme and host alone, such as https://dna.kommun.example"
            raise ValueError(msg)
        return value.rstrip("/")

    @field_validator("ink")
    @classmethod
    def _readable(cls, value: str) -> str:
        if contrast(value, "#ffffff") < READABLE_CONTRAST:
            msg = f"should be darker: its contrast with white is {contrast(value, '#ffffff'):.1f}, needed is 4.5"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _stocks_close(self) -> "LabelSettings":
        try:
            self.own_stocks()
        except StockError as refused:
            raise ValueError(str(refused)) from None
        return self

    def own_stocks(self) -> dict[str, Stock]:
        """The stocks of ``[labels.stocks]`` by name."""
        return {name: own.stock(name) for name, own in self.stocks.items()}


def label_settings(path: Path | None = None) -> LabelSettings:
    """``[labels]`` of the file at ``path``, or of the config.toml that applies here; raises ConfigFileError."""
    return read_section(config_path(path), "labels", LabelSettings)
