"""A key that tokens are verified with, and what a good one is.

The one rule: a key is for one algorithm. What a token's header says picks among keys, never among algorithms
for a key, or a public key could be passed off as a shared secret (RFC 8725, 3.1).
"""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

Algorithm = Literal["HS256", "RS256", "ES256"]

RSA_BITS = 2048
SECRET_BYTES = 32
"""RFC 7518 (3.2, 3.3): a shorter one can be guessed, or worked out."""


@dataclass(frozen=True, slots=True)
class Key:
    algorithm: Algorithm
    material: bytes | RSAPublicKey | EllipticCurvePublicKey = field(repr=False)


class Keys(Protocol):
    """Where keys come from."""

    @property
    def algorithms(self) -> tuple[Algorithm, ...]:
        """What a token may be signed with."""
        ...

    async def find(self, key_id: str | None, algorithm: Algorithm) -> Key | None:
        """The key that a token names, or the only one there is for its algorithm where it names none.

        Raises `Fault` NETWORK_ERROR where that can't be told at the moment.
        """
        ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class OneKey:
    """The key from the settings, whatever name a token has for it."""

    key: Key

    @property
    def algorithms(self) -> tuple[Algorithm, ...]:
        return (self.key.algorithm,)

    async def find(self, key_id: str | None, algorithm: Algorithm) -> Key | None:
        return self.key if algorithm == self.key.algorithm else None

    async def aclose(self) -> None:
        pass


def public_key(material: object) -> Key | None:
    """A public key as cryptography has it, as ours; `None` for one that is too weak, or of another kind."""
    if isinstance(material, RSAPublicKey) and material.key_size >= RSA_BITS:
        return Key("RS256", material)
    if isinstance(material, EllipticCurvePublicKey) and isinstance(material.curve, SECP256R1):
        return Key("ES256", material)
    return None
