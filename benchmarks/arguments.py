"""Numbers that commands are given: what makes no sense is refused in a sentence, before anything is built."""

from __future__ import annotations

import argparse


def count(text: str) -> int:
    """A whole number from 1 up.

    Raises:
        argparse.ArgumentTypeError: anything else.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: give a whole number from 1 up")
    return int(text)


def seeds(text: str) -> list[int]:
    """Whole numbers from 0 up, separated by commas.

    Raises:
        argparse.ArgumentTypeError: anything else, or none.
    """
    given = text.split(",")
    if not all(seed.strip().isdecimal() for seed in given):
        raise argparse.ArgumentTypeError(f"{text}: give whole numbers from 0 up, separated by commas, such as 1,2,3")
    return [int(seed) for seed in given]
