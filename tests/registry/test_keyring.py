import os
from pathlib import Path

import pytest

from registry.errors import KeyFault
from registry.keyring import Keyring, Place, create_key_file, read_keyring

PLACE = Place("owner", "name", "a1")


def test_what_was_sealed_opens_in_its_own_place(keyring: Keyring) -> None:
    data_key = keyring.new_data_key()
    assert keyring.open(data_key, keyring.seal(data_key, "Åsa".encode(), PLACE), PLACE) == "Åsa".encode()


@pytest.mark.parametrize(
    "elsewhere", [Place("owner", "name", "a2"), Place("owner", "phone", "a1"), Place("account", "name", "a1")]
)
def test_a_sealed_value_that_was_moved_does_not_open(keyring: Keyring, elsewhere: Place) -> None:
    data_key = keyring.new_data_key()
    sealed = keyring.seal(data_key, b"x", PLACE)
    with pytest.raises(KeyFault, match="does not open"):
        keyring.open(data_key, sealed, elsewhere)


def test_every_flipped_bit_is_noticed(keyring: Keyring) -> None:
    data_key = keyring.new_data_key()
    sealed = keyring.seal(data_key, b"Storgatan", PLACE)
    for position in range(len(sealed) * 8):
        broken = bytearray(sealed)
        broken[position // 8] ^= 1 << position % 8
        with pytest.raises(KeyFault):
            keyring.open(data_key, bytes(broken), PLACE)


def test_another_register_cannot_open_what_this_one_sealed(keyring: Keyring) -> None:
    data_key = keyring.new_data_key()
    sealed = keyring.seal(data_key, b"x", PLACE)
    with pytest.raises(KeyFault):
        Keyring(os.urandom(32)).open(data_key, sealed, PLACE)


def test_equal_addresses_are_found_whatever_their_case(keyring: Keyring) -> None:
    assert keyring.blind_index("email", "Anna@Exempel.example ") == keyring.blind_index("email", "anna@exempel.example")
    assert keyring.blind_index("email", "anna") != keyring.blind_index("phone", "anna")


def test_a_key_file_is_made_for_its_user_alone_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "a" / "key"
    create_key_file(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_keyring(file, {}).cookie_key
    with pytest.raises(FileExistsError):
        create_key_file(file)


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    create_key_file(file)
    file.chmod(0o644)
    with pytest.raises(KeyFault, match="0600"):
        read_keyring(file, {})


@pytest.mark.parametrize(("key", "said"), [("zz", "hex"), ("aa", "1 bytes")])
def test_a_key_that_is_no_key_is_refused(key: str, said: str) -> None:
    with pytest.raises(KeyFault, match=said):
        read_keyring(Path("nowhere"), {"MARKDNA_KEY": key})
