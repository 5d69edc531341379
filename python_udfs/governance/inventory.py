"""The inventory of personal data: every column that holds some, read from the metadata of the project alone.

A column is labelled by `meta: {pii: <class>, purpose: [<purpose>, ...]}`. How long it is kept is what the register of purposes says for
the longest of its purposes, unless the column has `retention_days` of its own. `pii: none` marks a column that only looks personal.

Below the marts (staging, identity) a column has the class that `column_classes.yml` gives its name, and the purposes of its folder.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CLASS_RULES = Path(__file__).with_name("column_classes.yml")
# Folders of models whose columns need labels of their own; in the others the name of a column tells its class.
LABELLED_LAYERS = ("marts", "semantic")
CLASSES = {
    "direct": "names a person or reaches them: names, addresses, numbers",
    "contact": "an address or number that a message is sent to",
    "indirect": "describes a person and may single them out together with other values",
    "pseudonymous": "stands for a person without naming them: keyed hashes, ids of devices",
}
PARTIES = ("zero", "first", "second", "third")
# Words of column names that hold personal data, wherever they stand between underscores.
_PERSONAL = (
    "emails?|e_?mails?|mail|phones?|telephone|msisdn|mobile|landline|fax"
    "|given_name|middle_name|family_name|first_name|last_name|full_name|maiden_name|surname|forename|customer_name|contact_name|user_?name|recipient"
    "|birth_date|birthday|date_of_birth|dob|gender"
    "|street|street_address|postal_code|postcode|zip|address|ip|latitude|longitude"
    "|anonymous_id|device_id|advertising_id|idfa|gaid|identifier|identifier_value|identifier_hash"
    "|job_title|company_name|age_years|national_id|social_security|ssn|tax_id|passport|iban"
)
LOOKS_PERSONAL = re.compile(rf"(^|_)({_PERSONAL})(_|$)|^(city|region|user_id|consent_string|raw_signal)$")
# Names of things about personal data that are none: kinds of identifiers, times, counts, shares, flags.
NOT_PERSONAL = re.compile(
    r"(^|_)(type|level|bits|opt_in|count|rank|score|share|status|days|number_of)($|_)|^(is|has|recent|total|days)_|_(at|opens|clicks|count)$"
)


@dataclass(frozen=True)
class Purpose:
    """A row of the register of purposes (seed `purposes`)."""

    code: str
    label: str
    description: str
    lawful_basis: str
    data_categories: str
    retention_days: int
    recipients: str
    notice_version: str


@dataclass(frozen=True)
class Column:
    """A column of a model with what its metadata says about personal data; empty where it says nothing."""

    model: str
    name: str
    layer: str
    is_public: bool
    description: str
    pii: str
    purposes: tuple[str, ...]
    retention_days: int | None
    party: str
    licence_until: str
    is_sensitive: bool
    file: str
    model_purposes: tuple[str, ...] = field(default=())
    schema: str = ""

    @property
    def looks_personal(self) -> bool:
        """By its name; what is only about personal data (a count, a flag, a time) does not."""
        return looks_personal(self.name)

    @property
    def is_personal(self) -> bool:
        """Labelled as personal data."""
        return self.pii not in ("", "none")


def looks_personal(name: str) -> bool:
    """Whether a column of this name holds personal data, as far as its name tells."""
    return bool(LOOKS_PERSONAL.search(name)) and not NOT_PERSONAL.search(name)


@cache
def _class_rules() -> tuple[dict[str, str], ...]:
    return tuple(yaml.safe_load(CLASS_RULES.read_text(encoding="utf-8")))


def class_by_name(model: str, column: str) -> str:
    """The class of a column below the marts, by its name; empty when no rule fits."""
    for rule in _class_rules():
        if re.fullmatch(rule["columns"], column) and re.fullmatch(rule.get("models", ".*"), model):
            return rule["class"]
    return ""


def _list(value: object) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else (str(value),)


def read_manifest(path: Path) -> dict[str, Any]:
    """dbt's manifest, which `dbt parse` writes.

    Raises:
        FileNotFoundError: there is none; the message says how to make it.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no manifest; run `dbt parse` first")
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def read_purposes(path: Path) -> dict[str, Purpose]:
    """The register of purposes by code, in its own order."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            row["purpose_code"]: Purpose(
                row["purpose_code"],
                row["label"],
                row["description"],
                row["lawful_basis"],
                row["data_categories"],
                int(row["retention_days"]),
                row["recipients"],
                row["notice_version"],
            )
            for row in csv.DictReader(lines)
        }


def columns(manifest: Mapping[str, Any], purposes: Mapping[str, Purpose]) -> list[Column]:
    """Every described column of every model, ordered by model and column."""
    return sorted(_columns(manifest, purposes), key=lambda column: (column.model, column.name))


def _columns(manifest: Mapping[str, Any], purposes: Mapping[str, Purpose]) -> Iterator[Column]:
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model":
            continue
        of_model = _list(node["config"].get("meta", {}).get("purpose"))
        for name, column in node["columns"].items():
            meta = {**column.get("meta", {}), **(column.get("config") or {}).get("meta", {})}
            layer = node["path"].replace("\\", "/").split("/")[0]
            by_name = "" if layer in LABELLED_LAYERS else class_by_name(node["name"], name)
            of_column = _list(meta.get("purpose")) or (() if layer in LABELLED_LAYERS else of_model)
            kept = [purposes[code].retention_days for code in of_column if code in purposes]
            yield Column(
                model=node["name"],
                name=name,
                layer=layer,
                is_public=node.get("access") == "public",
                description=" ".join(str(column.get("description", "")).split()),
                pii=str(meta.get("pii", by_name)),
                purposes=of_column,
                retention_days=int(meta["retention_days"]) if "retention_days" in meta else max(kept, default=None),
                party=str(meta.get("party", "")),
                licence_until=str(meta.get("licence_until", "")),
                is_sensitive=bool(meta.get("sensitive", False)),
                file=(node.get("patch_path") or node["original_file_path"]).split("://")[-1],
                model_purposes=of_model,
                schema=node["schema"],
            )
