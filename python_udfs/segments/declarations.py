"""Where in dbt_project.yml a segment is declared, and what a misspelt name was probably meant to be."""

from __future__ import annotations

import difflib
from pathlib import Path

import yaml

PROJECT_FILE = "dbt_project.yml"


def _entry(node: yaml.Node | None, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    """Key and value of an entry of a mapping; None where there is no such entry or no mapping."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((pair for pair in node.value if pair[0].value == key), None)


def declared_at(segment: str, key: str, folder: str) -> str:
    """Where a key of a segment stands, as 'dbt_project.yml:412'.

    Args:
        segment: name of the segment, or 'number 3' for the third; of several with one name the last is meant.
        key: one of its keys; the place of the segment itself where it has no such key.
        folder: folder of the project.

    Returns:
        File and line, counted from 1; an empty text where the segment is not declared in the file but, for example, on the command line.
    """
    file = Path(folder, PROJECT_FILE)
    try:
        with file.open(encoding="utf-8") as stream:
            variables = _entry(yaml.compose(stream), "vars")
    except (OSError, yaml.YAMLError):
        return ""
    declared = None if variables is None else _entry(variables[1], "segments")
    if declared is None or not isinstance(declared[1], yaml.SequenceNode):
        return ""
    place = None
    for number, node in enumerate(declared[1].value, start=1):
        name = _entry(node, "name")
        if segment == f"number {number}" or (name is not None and name[1].value == segment):
            found = _entry(node, key)
            place = node if found is None else found[0]
    return "" if place is None else f"{PROJECT_FILE}:{place.start_mark.line + 1}"


def closest(word: str, names: str) -> str:
    """The name most like `word` among `names`, separated by comma and blank; an empty text where none is like it."""
    found = difflib.get_close_matches(word, names.split(", "), n=1, cutoff=0.6)
    return found[0] if found else ""
