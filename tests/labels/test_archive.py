"""PDF/A-2b by the clauses of ISO 19005-2 that can be checked from outside, with qpdf and a look at every object.

This is no certified validator (none is in the package registries that the project builds from): it checks the clauses
named beside each rule, and each rule is shown to find the breach that it is for.
"""

import io
import re
import struct

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Operator, Stream

from labels.coat_of_arms import CoatOfArms
from labels.designs import DESIGNS
from labels.language import Language
from labels.pdf import HouseStyle, write_sheets
from labels.receipt import write_receipt
from labels.stock import STOCKS

OPERATORS = set(
    """b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP n q Q re
    RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' " """.split()  # noqa: SIM905
)
"""ISO 32000-1, table 51."""


def printed(name, **options):
    design, stream = DESIGNS[name], io.BytesIO()
    stock = STOCKS[design.stocks[0]]
    write_sheets(stream, [design.example] * 3, stock=stock, design=design, **{"archive": True, **options})
    return stream.getvalue()


def streams_of_content(pdf):
    for page in pdf.pages:
        yield page.obj, page.Resources
    for found in pdf.objects:
        if isinstance(found, Stream) and found.get("/Subtype") == "/Form":
            yield found, found.get("/Resources", Dictionary())


def breaches(content: bytes) -> set[str]:
    """The clauses of ISO 19005-2 that the file breaks, as far as they are looked for here."""
    pdf, found = pikepdf.open(io.BytesIO(content)), set()

    def rule(clause, holds):
        if not holds:
            found.add(clause)

    rule("6.1.2 header", re.match(rb"%PDF-1\.[0-7]\r?\n%[\x80-\xff]{4}", content))
    rule("6.1.3 trailer", "/ID" in pdf.trailer and "/Encrypt" not in pdf.trailer)
    rule("6.1.4 syntax and lengths", not pdf.check_pdf_syntax() and not pdf.get_warnings())
    root = pdf.Root
    for name in ("/OpenAction", "/AA", "/AcroForm", "/OCProperties", "/NeedsRendering"):
        rule("6.5 actions and layers", name not in root)
    rule("6.8 embedded files", "/Names" not in root)
    _check_metadata(pdf, root, rule)
    _check_intent(root, rule)
    for stream, resources in streams_of_content(pdf):
        _check_content(stream, resources, rule)
    for page in pdf.pages:
        rule("6.3 annotations", "/Annots" not in page and "/AA" not in page)
        rule("6.2.10 transparency", "/Group" not in page)
    for each in pdf.objects:
        if isinstance(each, (Dictionary, Stream)):
            _check_object(each, rule)
    return found


def _check_metadata(pdf, root, rule):
    if "/Metadata" not in root:
        rule("6.6.2 metadata", False)
        return
    rule("6.6.2 metadata", "/Filter" not in root.Metadata)
    with pdf.open_metadata() as told:
        rule("6.6.4 identification", (told.get("pdfaid:part"), told.get("pdfaid:conformance")) == ("2", "B"))
        info = pdf.docinfo
        pairs = (
            ("dc:title", "/Title"), ("dc:description", "/Subject"), ("xmp:CreatorTool", "/Creator"),
            ("pdf:Producer", "/Producer"),
        )  # fmt: skip
        for in_packet, in_info in pairs:
            rule("6.6.3 information", str(told.get(in_packet)) == str(info[in_info]))
        rule("6.6.3 information", list(told.get("dc:creator", [])) == [str(info["/Author"])])


def _check_intent(root, rule):
    intents = [intent for intent in root.get("/OutputIntents", Array()) if intent.S == "/GTS_PDFA1"]
    rule("6.2.3 output intent", len(intents) == 1)
    for intent in intents:
        profile = intent.DestOutputProfile.read_bytes()
        rule("6.2.3 output intent", intent.DestOutputProfile.N == 3 and profile[16:20] == b"RGB ")
        size, version = struct.unpack(">I", profile[:4])[0], profile[8]
        rule("6.2.3 output intent", size == len(profile) and profile[36:40] == b"acsp" and version <= 4)


def _check_content(stream, resources, rule):
    depth = deepest = 0
    for operands, operator in pikepdf.parse_content_stream(stream):
        sign = str(operator)
        rule("6.2.2 content", sign in OPERATORS)
        depth += {"q": 1, "Q": -1}.get(sign, 0)
        deepest = max(deepest, depth)
        rule("6.2.4.3 colours", sign not in {"K", "k"})
        if sign == "Tf":
            rule("6.2.2 content", str(operands[0]) in resources.get("/Font", Dictionary()))
        if sign == "Do":
            rule("6.2.2 content", str(operands[0]) in resources.get("/XObject", Dictionary()))
        rule("6.1.13 limits", all(len(bytes(one)) < 32768 for one in operands if isinstance(one, pikepdf.String)))
    rule("6.1.13 limits", depth == 0 and deepest <= 28)


def _check_object(each, rule):
    rule("6.1.7 external streams", not {"/F", "/FFilter", "/FDecodeParms"} & set(each.keys()))
    filters = each.get("/Filter", Array())
    rule("6.1.7 filters", not {"/LZWDecode", "/Crypt"} & {str(one) for one in ([filters] if isinstance(filters, Name)
                                                                               else filters)})  # fmt: skip
    kind = each.get("/Subtype")
    rule("6.5 actions and layers", each.get("/S") not in {"/JavaScript", "/Launch", "/Sound", "/Movie"})
    rule("6.2.10 transparency", "/SMask" not in each and each.get("/ca", 1) == 1 and each.get("/CA", 1) == 1)
    rule("6.2.8 images", not each.get("/Interpolate", False) and "/Alternates" not in each and "/OPI" not in each)
    rule("6.2.9 forms", kind != "/PS" and "/Ref" not in each)
    if each.get("/Type") == "/Font":
        _check_font(each, rule)


def _check_font(font, rule):
    described = font.FontDescriptor
    if "/FontFile2" not in described:
        rule("6.2.11.4 embedding", False)
        return
    program = described.FontFile2.read_bytes()
    tables = {
        program[12 + 16 * place : 16 + 16 * place]: struct.unpack(">II", program[20 + 16 * place : 28 + 16 * place])
        for place in range(struct.unpack(">H", program[4:6])[0])
    }
    start = tables[b"cmap"][0]
    (encodings,) = struct.unpack(">H", program[start + 2 : start + 4])
    symbolic = bool(int(described.Flags) & 4)
    rule("6.2.11.6 encodings", not symbolic or ("/Encoding" not in font and encodings == 1))
    rule("6.2.11.6 encodings", symbolic or str(font.get("/Encoding")) in {"/WinAnsiEncoding", "/MacRomanEncoding"})
    glyphs = _glyphs_of_codes(program[start:])
    head, hhea, hmtx = (tables[name][0] for name in (b"head", b"hhea", b"hmtx"))
    (em,) = struct.unpack(">H", program[head + 18 : head + 20])
    (count,) = struct.unpack(">H", program[hhea + 34 : hhea + 36])
    for code, width in enumerate(font.Widths, start=int(font.FirstChar)):
        glyph = min(glyphs.get(code, 0), count - 1)
        (advance,) = struct.unpack(">H", program[hmtx + 4 * glyph : hmtx + 4 * glyph + 2])
        rule("6.2.11.5 widths", not glyphs.get(code) or abs(advance * 1000 / em - float(width)) <= 1)


def _glyphs_of_codes(cmap):
    """Codes to glyphs of the first table, format 6 (trimmed) or 0 (bytes), as reportlab writes them."""
    (offset,) = struct.unpack(">I", cmap[8:12])
    kind = struct.unpack(">H", cmap[offset : offset + 2])[0]
    if kind == 0:
        return dict(enumerate(cmap[offset + 6 : offset + 262]))
    assert kind == 6, kind
    first, count = struct.unpack(">HH", cmap[offset + 6 : offset + 10])
    glyphs = struct.unpack(f">{count}H", cmap[offset + 10 : offset + 10 + 2 * count])
    return dict(enumerate(glyphs, start=first))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", DESIGNS)
def test_every_design_keeps_the_clauses(name, language):
    style = HouseStyle(organisation="Kvarnby & Söner (kommun) ŋ", contact="Frågor: 0123")
    assert breaches(printed(name, language=language, style=style)) == set()


@pytest.mark.parametrize("kind", ["svg", "png"])
@pytest.mark.parametrize("name", ["certificate", "membership-card"])
def test_a_coat_of_arms_keeps_the_clauses(arms, name, kind):
    style = HouseStyle(organisation="Kvarnby kommun", coat_of_arms=CoatOfArms.of_bytes(arms[kind], "arms"))
    assert breaches(printed(name, style=style)) == set()


@pytest.mark.parametrize("kind", ["svg", "png", None])
def test_a_receipt_keeps_the_clauses(arms, receipt, kind):
    style = HouseStyle("Kvarnby kommun", coat_of_arms=CoatOfArms.of_bytes(arms[kind], "arms") if kind else None)
    stream = io.BytesIO()
    write_receipt(stream, receipt, Language.SWEDISH, style)
    assert breaches(stream.getvalue()) == set()


def changed(act, **saving):
    pdf, stream = pikepdf.open(io.BytesIO(printed("certificate"))), io.BytesIO()
    act(pdf)
    pdf.save(stream, fix_metadata_version=False, **saving)
    return stream.getvalue()


def without(name):
    return lambda pdf: pdf.Root.__delitem__(name)


def set_on(find, name, value):
    def act(pdf):
        target = next(each for each in pdf.objects if isinstance(each, (Dictionary, Stream)) and find(each))
        target[name] = value

    return act


def font(each):
    return each.get("/Type") == "/Font"


def page(each):
    return each.get("/Type") == "/Page"


def add_to_content(sign):
    return lambda pdf: pdf.pages[0].contents_add(
        pikepdf.unparse_content_stream([([0, 0, 0, 1], Operator(sign))] if sign == "k" else [([], Operator(sign))])
    )


def unembed(pdf):
    del next(each for each in pdf.objects if isinstance(each, Dictionary) and font(each)).FontDescriptor["/FontFile2"]


@pytest.mark.parametrize(
    ("act", "clause"),
    [
        (without("/OutputIntents"), "6.2.3 output intent"),
        (without("/Metadata"), "6.6.2 metadata"),
        (unembed, "6.2.11.4 embedding"),
        (set_on(font, "/Encoding", Name.WinAnsiEncoding), "6.2.11.6 encodings"),
        (set_on(font, "/Widths", Array([1] * 128)), "6.2.11.5 widths"),
        (set_on(page, "/Group", Dictionary(S=Name.Transparency)), "6.2.10 transparency"),
        (set_on(page, "/Annots", Array([])), "6.3 annotations"),
        (set_on(lambda each: each.get("/Subtype") == "/Form", "/Ref", Dictionary()), "6.2.9 forms"),
        (lambda pdf: pdf.Root.__setitem__("/OpenAction", Dictionary(S=Name.JavaScript)), "6.5 actions and layers"),
        (lambda pdf: pdf.Root.__setitem__("/Names", Dictionary()), "6.8 embedded files"),
        (lambda pdf: pdf.docinfo.__setitem__("/Title", "Another"), "6.6.3 information"),
        (add_to_content("k"), "6.2.4.3 colours"),
        (add_to_content("q"), "6.1.13 limits"),
        (add_to_content("zz"), "6.2.2 content"),
    ],
)
def test_each_rule_finds_the_breach_it_is_for(act, clause):
    assert breaches(changed(lambda pdf: None)) == set(), "the control: saving alone breaks nothing"
    assert clause in breaches(changed(act))


def test_a_file_that_is_not_asked_to_be_archival_is_none():
    assert "6.2.3 output intent" in breaches(printed("certificate", archive=False))


def test_printers_are_asked_not_to_scale_to_print_one_side_and_to_take_the_pages_paper():
    for archive in (False, True):
        pdf = pikepdf.open(io.BytesIO(printed("asset-label", archive=archive)))
        wishes = pdf.Root.ViewerPreferences
        assert (wishes.PrintScaling, wishes.Duplex) == (Name("/None"), Name.Simplex)
        assert wishes.PickTrayByPDFSize is True
        assert wishes.DisplayDocTitle is True
