"""Keyed hashes of identifiers: the only form in which an erased person is remembered.

HMAC (RFC 2104) with SHA-256. The key comes from the environment and is never stored, so that whoever has the list alone
cannot try e-mail addresses and phone numbers against it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import cached_property

KEY_VARIABLE = "KINDRED_SUPPRESSION_KEY"
KEY_MINIMUM = 16


class SuppressionKeyError(RuntimeError):
    """The key is missing, too short or not the one the list was made with; the message says what to do."""


@dataclass(frozen=True, repr=False)
class Key:
    """The secret of the suppression list. It has no representation that shows it."""

    secret: bytes

    @classmethod
    def from_environment(cls) -> Key:
        """The key of variable KINDRED_SUPPRESSION_KEY.

        Raises:
            SuppressionKeyError: the variable is empty or shorter than 16 characters.
        """
        text = os.environ.get(KEY_VARIABLE, "")
        if not text:
            raise SuppressionKeyError(
                f"{KEY_VARIABLE} is not set. Erased people are remembered only as hashes made with this key: "
                "set it to a secret of your own, the same in every run, for example from `openssl rand -hex 32`."
            )
        if len(text) < KEY_MINIMUM:
            raise SuppressionKeyError(f"{KEY_VARIABLE} has {len(text)} characters; give at least {KEY_MINIMUM}.")
        return cls(text.encode())

    def hash(self, kind: str, value: str) -> str:
        """64 hexadecimal digits for a value of one kind; the same value of another kind gives other digits."""
        return hmac.digest(self.secret, f"{kind}\x1f{value}".encode(), hashlib.sha256).hex()

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell whether two keys are the same, and nothing else."""
        return self.hash("fingerprint", "")[:16]
