"""What JSON can't hold, and how it travels instead (`wire.md` 2): rules that all engines share. Pure."""

from base64 import b64encode

SAFE_INTEGER = 2**53 - 1
"""The largest integer that a JSON reader with 64-bit floats keeps exact; beyond it integers are strings."""


def base64_text(data: bytes) -> str:
    return "base64:" + b64encode(data).decode("ascii")
