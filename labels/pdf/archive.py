"""PDF/A-2b on request (ISO 19005-2): what makes a file say how it is to look for as long as it is kept."""

from functools import cache
from typing import Any, Final
from xml.sax.saxutils import escape

from PIL import ImageCms
from reportlab.pdfbase import pdfdoc

__all__ = ["make_archival"]

_METADATA: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
    xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
   <pdfaid:part>2</pdfaid:part>
   <pdfaid:conformance>B</pdfaid:conformance>
   <dc:format>application/pdf</dc:format>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
   <dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
   <pdf:Producer>{producer}</pdf:Producer>
   <pdf:Keywords></pdf:Keywords>
   <xmp:CreatorTool>{creator}</xmp:CreatorTool>
   <xmp:CreateDate>{date}</xmp:CreateDate>
   <xmp:ModifyDate>{date}</xmp:ModifyDate>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""

INVARIANT_DATE: Final = "2000-01-01T00:00:00+00:00"
"""The date that reportlab writes when the same input is to give the same bytes."""


class _Catalog(pdfdoc.PDFCatalog):
    __NoDefault__ = pdfdoc.PDFCatalog.__NoDefault__ + ["OutputIntents"]  # noqa: RUF005 - as in reportlab


@cache
def _srgb() -> bytes:
    """An sRGB profile without the hour of its making (bytes 24-35) and its checksum (84-99, 0 means not computed)."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes((0x07, 0xD0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))
    profile[84:100] = bytes(16)
    return bytes(profile)


def make_archival(objects: Any) -> None:
    """Give a reportlab document the metadata and the output intent of PDF/A-2b.

    To be called after title and language are set. Fonts are embedded and nothing is active in all our files anyway.
    """
    info, catalog = objects.info, objects.Catalog
    catalog.__class__ = _Catalog
    names = {name: escape(getattr(info, name)) for name in ("title", "author", "subject", "producer", "creator")}
    packet = _METADATA.format(date=INVARIANT_DATE, **names)
    catalog.Metadata = pdfdoc.XMP(creator=lambda _: packet.encode())
    profile = pdfdoc.PDFStream(
        dictionary=pdfdoc.PDFDictionary({"N": 3}), content=_srgb(), filters=[pdfdoc.PDFZCompress]
    )
    intent = {
        "Type": pdfdoc.PDFName("OutputIntent"),
        "S": pdfdoc.PDFName("GTS_PDFA1"),
        "OutputConditionIdentifier": pdfdoc.PDFString("sRGB"),
        "Info": pdfdoc.PDFString("sRGB IEC61966-2.1"),
        "DestOutputProfile": objects.Reference(profile),
    }
    catalog.OutputIntents = pdfdoc.PDFArray([pdfdoc.PDFDictionary(intent)])
