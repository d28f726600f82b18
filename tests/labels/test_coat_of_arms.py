"""The coat of arms of the house style: true colours on every design where it belongs, and clear refusals."""

import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from labels.coat_of_arms import LARGEST_FILE, CoatOfArms
from labels.designs import DESIGNS
from labels.errors import ArtworkError
from labels.language import Language
from labels.pdf import HouseStyle, words_in, write_sheets
from labels.receipt import write_receipt
from labels.settings import label_settings
from labels.stock import STOCKS

STYLE = HouseStyle(organisation="Kvarnby kommun")
WITH_ARMS = {
    "asset-label": "L7160",
    "asset-tag": "4201",
    "letterbox-sign": "L7163",
    "window-sticker": "L6112",
    "area-sign": "A5",
    "membership-card": "CARD",
    "certificate": "A5",
}
BLUE, GOLD, RED = (0x00, 0x52, 0x93), (0xFE, 0xCC, 0x00), (0xE3, 0x8E, 0x8E)


def style_with(content):
    return replace(STYLE, coat_of_arms=CoatOfArms.of_bytes(content, "arms"))


def printed(name, style, **options):
    stream = io.BytesIO()
    stock = STOCKS[WITH_ARMS.get(name) or DESIGNS[name].stocks[0]]
    write_sheets(stream, [DESIGNS[name].example] * 2, stock=stock, design=DESIGNS[name], style=style, **options)
    return stream.getvalue()


def dots(pdf, colour):
    """How many dots of the first page at 150 dpi are of about this colour."""
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=150 / 72, rev_byteorder=True).to_pil().convert("RGB")
    return sum(
        count
        for count, shade in picture.getcolors(2**24)
        if all(abs(one - other) < 12 for one, other in zip(shade, colour, strict=True))
    )


@pytest.mark.parametrize("name", WITH_ARMS)
def test_an_svg_is_drawn_as_vectors_in_its_own_colours_on_every_design_where_it_belongs(arms, name):
    pdf = printed(name, style_with(arms["svg"]))
    assert dots(pdf, BLUE) > 100
    assert dots(pdf, GOLD) > 20
    assert b"/Subtype /Image" not in pdf
    assert dots(printed(name, STYLE), BLUE) == 0, "the control: without a coat of arms there is none"


@pytest.mark.parametrize("name", WITH_ARMS)
def test_a_png_is_embedded_once_and_its_transparency_is_paper(arms, name):
    pdf = printed(name, style_with(arms["png"]))
    assert dots(pdf, RED) > 100
    assert pdf.count(b"/Subtype /Image") == 1


def test_gradients_and_opacities_reach_the_file(arms):
    """reportlab gives them to pages alone; without its own resources the crown was black."""
    pdf = pikepdf.open(io.BytesIO(printed("certificate", style_with(arms["svg"]))))
    (form,) = (each for each in pdf.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Form")
    assert len(form.Resources.Shading) == 1
    assert [float(state.ca) for state in form.Resources.ExtGState.values()].count(0.9) == 1


def test_nothing_names_a_typeface_that_is_not_embedded(arms):
    assert b"Times" not in printed("certificate", style_with(arms["svg"]))


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_same_input_gives_the_same_bytes(arms, kind):
    one, other = (printed("membership-card", style_with(arms[kind])) for _ in range(2))
    assert one == other


def test_the_codes_are_read_beside_it(arms, pdfium, read):
    for name in ("asset-label", "membership-card", "certificate", "area-sign"):
        pdf = printed(name, style_with(arms["svg"]))
        assert DESIGNS[name].example.url in read(pdfium(pdf, 203)[0])


@pytest.mark.parametrize("name", ["area-sign", "certificate", "membership-card"])
def test_a_long_name_is_cut_before_it(arms, page_text, name):
    style = replace(style_with(arms["svg"]), organisation="Södra Kvarnbyskogens kommunalförbund " * 5)
    assert "…" in page_text(printed(name, style))[0]


def test_a_receipt_shows_it_and_says_whose_it_is(arms, receipt):
    stream = io.BytesIO()
    write_receipt(stream, receipt, Language.ENGLISH, style_with(arms["svg"]))
    assert dots(stream.getvalue(), BLUE) > 100
    pdf = pikepdf.open(stream)
    figures = [one for one in pdf.Root.StructTreeRoot.K[0].K if one.S == "/Figure"]
    assert [str(figure.Alt) for figure in figures] == ["Coat of arms: Kvarnby kommun"]


def svg(inside, attributes='viewBox="0 0 20 20"'):
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'.encode()


PATH = '<path d="M0 0h20v20z"/>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no picture that can be read"),
        (b"no picture", "no picture that can be read"),
        (b"GIF89a", "no picture that can be read"),
        (b"x" * (LARGEST_FILE + 1), "larger than 2 MB"),
        (b"<svg", "it is no SVG"),
        (b"<html><body/></html>", "outermost element is not <svg>"),
        (svg(""), "shows nothing"),
        (svg(PATH, ""), "shows nothing"),
        (svg('<path d="nonsense"/>'), "shows nothing"),
        (svg(PATH, 'viewBox="0 0 100 10"'), "10 times as wide as high"),
        (svg("<text>A</text>"), "has a <text>"),
        (svg('<image href="file:///etc/passwd"/>'), "has a <image>"),
        (svg("<script>1</script>"), "has a <script>"),
        (svg('<filter id="f"/>' + PATH), "has a <filter>"),
        (svg(f'<g onload="x()">{PATH}</g>'), "refers to something outside"),
        (svg('<use href="other.svg#a"/>'), "refers to something outside"),
        (svg('<path d="M0 0h9v9z" style="fill:url(http://x.example/a)"/>'), "refers to something outside"),
        (svg("<style>@import 'x.css';</style>" + PATH), "refers to something outside"),
        (svg("<g/>" * 5000 + PATH), "more than 5000 elements"),
        (b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + svg(PATH), "declares entities"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_reason_in_both_languages(content, words):
    with pytest.raises(ArtworkError, match=words) as refused:
        CoatOfArms.of_bytes(content, "arms.svg")
    said = refused.value.explain(words_in(Language.SWEDISH))
    assert said.startswith("Vapnet arms.svg: ")
    assert words not in said


@pytest.mark.parametrize("size", [(100, 120), (199, 400), (5001, 5000)])
def test_a_picture_of_too_few_or_too_many_pixels_is_refused(png, size):
    with pytest.raises(ArtworkError, match="Allowed: 200 to 5000 along each side"):
        CoatOfArms.of_bytes(png(*size), "arms.png")


def test_a_picture_of_more_pixels_than_can_be_opened_is_refused_for_them(png, monkeypatch):
    # Pillow's own limit, which the registry lifts for photos.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 89_478_485)
    bomb = bytearray(png(300, 300))
    bomb[16:24] = struct.pack(">II", 20_000, 20_000)
    bomb[29:33] = struct.pack(">I", zlib.crc32(bomb[12:29]))
    with pytest.raises(ArtworkError, match=r"far too many pixels\. Allowed: 200 to 5000 along each side") as refused:
        CoatOfArms.of_bytes(bytes(bomb), "arms.png")
    assert "för många bildpunkter" in refused.value.explain(words_in(Language.SWEDISH))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "latin-1"])
def test_entities_do_not_hide_in_another_encoding(encoding):
    declared = '<!DOCTYPE svg [<!ENTITY å "0 0 20 20">]>'
    content = declared + svg(PATH, "viewBox='&å;'").decode()
    with pytest.raises(ArtworkError, match="declares entities"):
        CoatOfArms.of_bytes(content.encode(), "arms.svg")
    with pytest.raises(ArtworkError, match="not UTF-8") as refused:
        CoatOfArms.of_bytes(content.encode(encoding), "arms.svg")
    assert "inte UTF-8" in refused.value.explain(words_in(Language.SWEDISH))


def test_a_damaged_picture_is_refused(png):
    content = png(300, 300)
    with pytest.raises(ArtworkError, match="undamaged"):
        CoatOfArms.of_bytes(content[: len(content) // 2], "arms.png")


def test_a_missing_file_is_refused_by_its_name():
    with pytest.raises(ArtworkError, match=r"nowhere\.svg: it cannot be read \(No such file or directory\)"):
        CoatOfArms.of_file(Path("nowhere.svg"))


def test_a_file_that_is_away_stops_only_what_would_show_it():
    style = replace(STYLE, coat_of_arms=CoatOfArms(Path("nowhere.svg")))
    assert printed("warning-sticker", style).startswith(b"%PDF")
    with pytest.raises(ArtworkError, match=r"nowhere\.svg: it cannot be read"):
        printed("certificate", style)


def test_what_no_label_shows_is_not_even_opened(tmp_path):
    file = tmp_path / "arms.svg"
    file.write_bytes(svg("<text>A</text>"))
    (tmp_path / "config.toml").write_text(f'[labels]\ncoat_of_arms = "{file}"\n')
    style = HouseStyle.of(label_settings(tmp_path / "config.toml"))
    assert printed("warning-sticker", style).startswith(b"%PDF")
    with pytest.raises(ArtworkError, match="has a <text>"):
        style.coat_of_arms.checked()


def test_elements_of_editors_are_passed_over():
    inside = '<e:view xmlns:e="http://editor.example/ns" zoom="3"/>' + PATH
    assert CoatOfArms.of_bytes(svg(inside), "arms.svg").aspect == pytest.approx(1)


def test_the_configuration_names_it(arms, tmp_path):
    (tmp_path / "arms.svg").write_bytes(arms["svg"])
    (tmp_path / "config.toml").write_text(f'[labels]\ncoat_of_arms = "{tmp_path / "arms.svg"}"\n')
    assert HouseStyle.of(label_settings(tmp_path / "config.toml")).coat_of_arms.aspect == pytest.approx(200 / 260)
