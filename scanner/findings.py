"""UV findings that somebody notes by hand at the station, and the photo that goes with one.

A photo is made anew before it is sealed: small enough for a message, without metadata, so that what lies on the disk
and goes to the registry is a picture and nothing else.
"""

import base64
import io
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from scanner.errors import BadPhotoError

__all__ = ["COLOURS", "MOST_PHOTO_BYTES", "UvNote", "prepared_photo"]

COLOURS: Final = (
    "none", "red-pink", "red", "orange", "yellow", "yellow-green", "green", "blue-green", "blue", "violet",
)  # fmt: skip
"""What can be seen, as the registry names it; ``none`` when nothing glows."""
MOST_PHOTO_BYTES: Final = 450_000
"""A message is sealed and written in base64 twice; the registry takes 1.4 MB."""
_MOST_FILE_BYTES: Final = 60_000_000
_MOST_PIXELS: Final = 60_000_000
_SIDES: Final = (1600, 1200, 900, 600)
_QUALITIES: Final = (85, 70, 55)
_FORMATS: Final = ("JPEG", "PNG", "WEBP")

# Pillow's own limit would only warn; ours is checked before decoding.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class UvNote:
    """A finding: colour, spot and, if there are any, the seal of a sample and a prepared photo.

    ``corrects`` is the key of the message whose finding this one takes the place of; ``withdrawn`` when there was none.
    """

    colour: str
    spot: str
    seized_item: str
    seal_number: str = ""
    photo: bytes = b""
    corrects: str = ""
    withdrawn: bool = False
    noted_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    finding_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def as_json(self, case_number: str) -> dict[str, Any]:
        """The body of the message that brings the finding to the registry."""
        return {
            "case_number": case_number,
            "finding_id": self.finding_id,
            "seized_item": self.seized_item,
            "colour": self.colour,
            "spot": self.spot,
            "seal_number": self.seal_number,
            "photo": base64.b64encode(self.photo).decode("ascii"),
            "noted_at": self.noted_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "corrects": self.corrects,
            "withdrawn": self.withdrawn,
        }


def prepared_photo(file: Path) -> bytes:
    """The photo in ``file`` as a JPEG without metadata, at most ``MOST_PHOTO_BYTES``; raises BadPhotoError."""
    path = file.expanduser()
    try:
        if path.stat().st_size > _MOST_FILE_BYTES:
            raise BadPhotoError(file=file, problem="it is larger than 60 MB")
        with Image.open(path, formats=_FORMATS) as source:
            if source.width * source.height > _MOST_PIXELS:
                raise BadPhotoError(file=file, problem="it has more than 60 megapixels")
            source.draft("RGB", (_SIDES[0], _SIDES[0]))
            picture = _bare(ImageOps.exif_transpose(source))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as fault:
        # Decoders answer a broken file with any of these.
        raise BadPhotoError(file=file, problem="it cannot be read as JPEG, PNG or WebP") from fault
    for side in _SIDES:
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            written = io.BytesIO()
            picture.save(written, "JPEG", quality=quality, optimize=True)
            if written.tell() <= MOST_PHOTO_BYTES:
                return written.getvalue()
    raise BadPhotoError(file=file, problem="it does not become small enough")


def _bare(image: Image.Image) -> Image.Image:
    """A new picture with the pixels of ``image`` on white and nothing else."""
    bare = Image.new("RGB", image.size, "white")
    if "A" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        bare.paste(layer, mask=layer.getchannel("A"))
    else:
        bare.paste(image.convert("RGB"))
    return bare
