"""The photo that goes with a UV finding, made anew before it is sealed.

It becomes small enough for a message and loses its metadata, so that what lies on the disk and goes to the registry is
a picture and nothing else. Pillow is loaded with this module: import it where a photo is at hand.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PIL import Image

from scanner.errors import BadPhotoError

__all__ = ["MOST_FILE_BYTES", "MOST_PHOTO_BYTES", "prepared_photo", "prepared_upload"]

MOST_PHOTO_BYTES: Final = 450_000
"""A message is sealed and written in base64 twice; the registry takes 1.4 MB."""
MOST_FILE_BYTES: Final = 60_000_000
_MOST_PIXELS: Final = 60_000_000
_SIDES: Final = (1600, 1200, 900, 600)
_QUALITIES: Final = (85, 70, 55)
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_ORIENTATION: Final = 0x0112
"""Exif 2.32, table 4: how the camera was held."""
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow's own limit would only warn; ours is checked before decoding.
Image.MAX_IMAGE_PIXELS = None


def prepared_photo(file: Path) -> bytes:
    """The photo in ``file`` as a JPEG without metadata, at most ``MOST_PHOTO_BYTES``; raises BadPhotoError alone."""
    return _prepared(file, lambda: _found(file))


def prepared_upload(name: str, content: bytes) -> bytes:
    """The same of a photo that a browser sent, under the name of its file."""
    if len(content) > MOST_FILE_BYTES:
        raise BadPhotoError(file=name, problem="it is larger than 60 MB")
    return _prepared(name, lambda: io.BytesIO(content))


def _prepared(file: object, source: Callable[[], Path | io.BytesIO]) -> bytes:
    try:
        return _small(file, _picture(file, source()))
    except BadPhotoError:
        raise
    except Exception as fault:
        # What a decoder answers a broken file with has no common root, and none of it may end a shift.
        raise BadPhotoError(file=file, problem="it cannot be read as JPEG, PNG or WebP") from fault


def _found(file: Path) -> Path:
    """Where the file is, when it is one that can be read to its end."""
    path = file.expanduser()
    # A pipe or a device would be waited for, perhaps for ever.
    if path.exists() and not path.is_file():
        raise BadPhotoError(file=file, problem="it is not a file")
    if path.stat().st_size > MOST_FILE_BYTES:
        raise BadPhotoError(file=file, problem="it is larger than 60 MB")
    return path


def _picture(file: object, content: Path | io.BytesIO) -> Image.Image:
    """The upright pixels of a file of a fit size."""
    with Image.open(content, formats=_FORMATS) as source:
        if source.width * source.height > _MOST_PIXELS:
            raise BadPhotoError(file=file, problem="it has more than 60 megapixels")
        source.draft("RGB", (_SIDES[0], _SIDES[0]))
        bare = _bare(source)
        turn = _UPRIGHT.get(_orientation(source))
        return bare if turn is None else bare.transpose(turn)


def _small(file: object, picture: Image.Image) -> bytes:
    for side in _SIDES:
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            written = io.BytesIO()
            picture.save(written, "JPEG", quality=quality, optimize=True)
            if written.tell() <= MOST_PHOTO_BYTES:
                return written.getvalue()
    raise BadPhotoError(file=file, problem="it does not become small enough")


def _orientation(image: Image.Image) -> int:
    """How the camera was held; 1 when it does not say so in a way that can be read."""
    try:
        told = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - damaged metadata answers with anything, and the pixels are sound all the same
        return 1
    return told if isinstance(told, int) else 1


def _bare(image: Image.Image) -> Image.Image:
    """A new picture with the pixels of ``image`` on white and nothing else."""
    bare = Image.new("RGB", image.size, "white")
    if "A" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        bare.paste(layer, mask=layer.getchannel("A"))
    else:
        bare.paste(image.convert("RGB"))
    return bare
