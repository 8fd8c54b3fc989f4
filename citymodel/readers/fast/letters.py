"""Letters of XML as numbers, for compiled loops over bytes (numba takes them as constants)."""

from __future__ import annotations

from typing import Final

TAB: Final = 9
NEWLINE: Final = 10
RETURN: Final = 13
BLANK: Final = 32
EXCLAMATION: Final = ord("!")
QUOTE: Final = ord('"')
HASH: Final = ord("#")
AMPERSAND: Final = ord("&")
APOSTROPHE: Final = ord("'")
PLUS: Final = ord("+")
HYPHEN: Final = ord("-")
POINT: Final = ord(".")
SLASH: Final = ord("/")
ZERO: Final = ord("0")
NINE: Final = ord("9")
LESS: Final = ord("<")
EQUALS: Final = ord("=")
GREATER: Final = ord(">")
QUESTION: Final = ord("?")
OPEN: Final = ord("[")
CLOSE: Final = ord("]")
