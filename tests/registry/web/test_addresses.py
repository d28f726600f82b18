"""Where a page may send its reader: only to a path on this very site."""

import pytest

from registry.web.addresses import own_path

HOSTS = ("evil.example", "evil.example:443", "karin@evil.example", "127.0.0.1", "xn--vil-ela.example")
STARTS = (
    "//",
    "///",
    "////",
    "http://",
    "https://",
    "HTTPS://",
    "http:",
    "https:/",
    "\\\\",
    "/\\",
    "\\/",
    "/\\/",
    "ftp://",
)
BLANKS = ("", " ", "\t", "\n", "\r\n", "\x00", "\x0b", "\u3000")
SCHEMES = (
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "mailto:x@evil.example",
    "blob:x",
)
CORPUS = [
    *(blank + start + host for blank in BLANKS for start in STARTS for host in HOSTS),
    *(f"/{blank}/{host}" for blank in BLANKS for host in HOSTS if blank != "\u3000"),
    *(blank + scheme for blank in BLANKS for scheme in SCHEMES),
    *HOSTS,
    "",
    "?next=x",
    "#x",
    "/a\r\nSet-Cookie: a=b",
    "/a\\b",
]


def test_the_corpus_is_large() -> None:
    assert len(set(CORPUS)) > 500


def test_no_wish_leads_to_another_host() -> None:
    assert [wish for wish in CORPUS if own_path(wish, "/otherwise") != "/otherwise"] == []


@pytest.mark.parametrize("wish", ["/", "/my/items/17", "/police/cases/3?after=7", "/s/4K7Q2M9XW3PZD7N", "/sök?q=åäö"])
def test_paths_of_our_own_are_kept(wish: str) -> None:
    assert own_path(wish) == wish


@pytest.mark.parametrize("wish", ["//evil.example", "https://evil.example", "/\\evil.example", "\t//evil.example"])
def test_the_language_switch_stays_here(client, wish: str) -> None:
    assert client.get("/language/en", query_string={"next": wish}).location == "/"
