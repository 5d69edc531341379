"""Ask the semantic layer from Python: `python -m python_udfs.metrics [--check] < questions.json > answers.json`.

A question is the list of arguments of `mf query`; the answers are lists of rows, each a mapping of column to text. One process answers
all of them, because starting MetricFlow takes longer than answering. With --check the definitions are held against the database first.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from click.testing import CliRunner

Row = dict[str, str]


class MetricError(RuntimeError):
    """MetricFlow refused a query or a configuration; the message is its own."""


def run(arguments: Sequence[str]) -> str:
    """Run one command of `mf` and return what it prints.

    Raises:
        MetricError: the command failed.
    """
    from dbt_metricflow.cli.main import cli  # takes seconds to import, and only developers have it

    done = CliRunner().invoke(cli, list(arguments))
    if done.exit_code != 0:
        raise MetricError(f"mf {' '.join(arguments)}: {done.output.strip() or done.exception}")
    return done.output


def ask(question: Sequence[str]) -> list[Row]:
    """Rows that `mf query` gives, in its order."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.csv"
        run(["query", *question, "--csv", str(path), "--quiet"])
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))


def main() -> None:
    """Answer the questions of standard input."""
    if "--check" in sys.argv[1:]:
        run(["validate-configs"])
    json.dump([ask(question) for question in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
