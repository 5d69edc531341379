"""How every command reads its command line."""

from __future__ import annotations

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one sentence, as builds do; how the command is used, `--help` tells."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence on stderr and leave with status 2."""
        self.exit(2, f"error: {message}\n")
