"""Ask a question that an operation of dbt answers: `python -m python_udfs.ask explain_match --args '{left: ..., right: ...}'`.

What an operation prints is printed; what goes wrong is told as a build tells it.
"""

from __future__ import annotations

import sys
from typing import Any

from dbt.cli.main import dbtRunner
from rich.console import Console

from python_udfs.build import STACK_TRACES, print_error, readable

# What is printed comes as an event. Nothing goes into dbt's log file: an answer may show personal values, which a log would keep.
QUIETLY = ("--log-level", "none", "--log-level-file", "none", "--print")


def main(arguments: list[str] | None = None) -> int:
    """Run the operation; returns the exit status."""
    failures: list[str] = []

    def take(event: Any) -> None:
        if event.info.name == "PrintEvent":
            print(event.info.msg)
        elif event.info.level == "error" and event.info.name not in STACK_TRACES:
            failures.append(str(event.info.msg))

    result = dbtRunner(callbacks=[take]).invoke(
        [*QUIETLY, "run-operation", *(sys.argv[1:] if arguments is None else arguments)]
    )
    if result.success:
        return 0
    console = Console(stderr=True)
    for failure in dict.fromkeys(readable(failure) for failure in failures or [str(result.exception)]):
        print_error(console, failure)
    return 1


if __name__ == "__main__":
    sys.exit(main())
