"""Where in dbt_project.yml a segment is declared, which variables there are, and what a misspelt name was probably meant to be."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import yaml

PROJECT_FILE = "dbt_project.yml"
_UNKNOWN_MODEL = re.compile(r"'model\.kindred\.int_segment_sets'.* depends on a node named '(\w+)' which was not found")


def _entry(node: yaml.Node | None, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    """Key and value of an entry of a mapping; None where there is no such entry or no mapping."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((pair for pair in node.value if pair[0].value == key), None)


def _declared(folder: str) -> list[yaml.Node]:
    """The declared segments of a project; none where its file cannot be read."""
    try:
        with Path(folder, PROJECT_FILE).open(encoding="utf-8") as stream:
            variables = _entry(yaml.compose(stream), "vars")
    except (OSError, yaml.YAMLError):
        return []
    declared = None if variables is None else _entry(variables[1], "segments")
    if declared is None or not isinstance(declared[1], yaml.SequenceNode):
        return []
    nodes: list[yaml.Node] = declared[1].value
    return nodes


def declared_at(segment: str, key: str, folder: str) -> str:
    """Where a key of a segment stands, as 'dbt_project.yml:412'.

    Args:
        segment: name of the segment, or 'number 3' for the third; of several with one name the last is meant.
        key: one of its keys; the place of the segment itself where it has no such key.
        folder: folder of the project.

    Returns:
        File and line, counted from 1; an empty text where the segment is not declared in the file but, for example, on the command line.
    """
    place = None
    for number, node in enumerate(_declared(folder), start=1):
        name = _entry(node, "name")
        if segment == f"number {number}" or (name is not None and name[1].value == segment):
            found = _entry(node, key)
            place = node if found is None else found[0]
    return "" if place is None else f"{PROJECT_FILE}:{place.start_mark.line + 1}"


def closest(word: str, names: str) -> str:
    """The name most like `word` among `names`, separated by comma and blank; an empty text where none is like it."""
    found = difflib.get_close_matches(word, names.split(", "), n=1, cutoff=0.6)
    return found[0] if found else ""


def unknown_variable(names: str, folder: str) -> str:
    """What is wrong with the first of some variables, separated by comma and blank, that a project does not have: dbt takes any name.

    Returns:
        A sentence with the name that was probably meant; an empty text where all are known or the project's file cannot be read.
    """
    try:
        variables = yaml.safe_load(Path(folder, PROJECT_FILE).read_text(encoding="utf-8"))["vars"]
        declared = list(variables)
    except (OSError, yaml.YAMLError, TypeError, KeyError):
        return ""
    # Where the raw tables of a source are has defaults of its own (models/staging/<source>/_<source>__sources.yml).
    declared += [name.removesuffix("_schema") + "_database" for name in declared if str(name).endswith("_schema")]
    for name in filter(None, names.split(", ")):
        if name not in declared:
            meant = closest(name, ", ".join(map(str, declared)))
            return f"there is no variable '{name}' in {PROJECT_FILE}." + (f" Did you mean '{meant}'?" if meant else "")
    return ""


def unknown_model(failure: str, folder: str) -> str:
    """What dbt says of a {ref:model} that does not exist, said of the segment: dbt stops before any check of segments.

    Args:
        failure: what dbt says.
        folder: folder of the project.

    Returns:
        A sentence that names the segment and its line; `failure` where it is about something else.
    """
    found = _UNKNOWN_MODEL.search(failure)
    for node in _declared(folder) if found else []:
        query, name = _entry(node, "sql"), _entry(node, "name")
        if found and query and name and re.search(rf"{{\s*ref:\s*{found[1]}\s*}}", str(query[1].value)):
            models = ", ".join(file.stem for file in sorted(Path(folder, "models").rglob("*.sql")))
            meant = closest(found[1], models)
            place = f"{PROJECT_FILE}:{query[0].start_mark.line + 1}"
            sentence = f"'sql' reads {{ref:{found[1]}}}, and there is no such model."
            return f"Segment '{name[1].value}' ({place}): {sentence}" + (f" Did you mean '{meant}'?" if meant else "")
    return failure
