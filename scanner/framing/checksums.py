"""Checksums that readers use, by name.

The CRC-16 kinds are those of the CRC catalogue (Greg Cook, "Catalogue of parametrised CRC algorithms"); the test holds
each to its check value of ``123456789``. CRC-32 is ISO-HDLC, as in zlib.
"""

import zlib
from collections.abc import Callable, Mapping
from functools import partial, reduce
from operator import xor

__all__ = ["CHECKSUMS", "Checksum"]

Checksum = Callable[[bytes], int]


def _xor(data: bytes) -> int:
    return reduce(xor, data, 0)


def _sum(data: bytes) -> int:
    return sum(data) & 0xFF


def _crc16(data: bytes, *, polynomial: int, start: int, final: int = 0) -> int:
    """Most significant bit first."""
    value = start
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & 0x8000 else value << 1) & 0xFFFF
    return value ^ final


def _crc16_reflected(data: bytes, *, polynomial: int, start: int, final: int = 0) -> int:
    """Least significant bit first; ``polynomial`` is given reflected."""
    value = start
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ polynomial if value & 1 else value >> 1
    return value ^ final


CHECKSUMS: Mapping[str, tuple[Checksum, int]] = {
    "xor": (_xor, 1),
    "sum": (_sum, 1),
    "crc16-arc": (partial(_crc16_reflected, polynomial=0xA001, start=0), 2),
    "crc16-modbus": (partial(_crc16_reflected, polynomial=0xA001, start=0xFFFF), 2),
    "crc16-kermit": (partial(_crc16_reflected, polynomial=0x8408, start=0), 2),
    "crc16-x25": (partial(_crc16_reflected, polynomial=0x8408, start=0xFFFF, final=0xFFFF), 2),
    "crc16-xmodem": (partial(_crc16, polynomial=0x1021, start=0), 2),
    "crc16-ccitt-false": (partial(_crc16, polynomial=0x1021, start=0xFFFF), 2),
    "crc32": (zlib.crc32, 4),
}
"""Function and width in bytes of each kind."""
