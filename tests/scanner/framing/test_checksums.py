import pytest

from scanner.framing.checksums import CHECKSUMS


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("xor", 0x31),
        ("sum", 0xDD),
        ("crc16-arc", 0xBB3D),
        ("crc16-modbus", 0x4B37),
        ("crc16-kermit", 0x2189),
        ("crc16-x25", 0x906E),
        ("crc16-xmodem", 0x31C3),
        ("crc16-ccitt-false", 0x29B1),
        ("crc32", 0xCBF43926),
    ],
)
def test_each_kind_gives_the_check_value_of_its_catalogue(kind, check):
    compute, width = CHECKSUMS[kind]
    assert compute(b"123456789") == check
    assert check < 1 << 8 * width


def test_every_kind_has_a_check_value_above():
    assert len(CHECKSUMS) == 9
