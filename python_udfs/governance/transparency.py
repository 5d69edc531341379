"""`make transparency`: a page for the public and a record of processing (GDPR Art. 30), from metadata alone.

Usage: python -m python_udfs.governance.transparency --manifest target/manifest.json --out target/transparency

Writes `transparency.html` (purposes, data categories, sources, recipients, retention) and `record_of_processing.csv`. No table is
read, so no personal data can be in them.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import yaml

from python_udfs.arguments import Parser
from python_udfs.governance.inventory import CLASSES, Column, Purpose, columns, read_manifest, read_purposes

BASES = {
    "consent": "Your consent",
    "contract": "A contract with you",
    "legal_obligation": "A legal obligation",
    "vital_interests": "Vital interests",
    "public_task": "A task in the public interest",
    "legitimate_interests": "Our legitimate interests",
}
# What the controller has to state (var transparency), and how a reader is told.
SETTINGS = {
    "controller": "Controller",
    "contact": "Contact",
    "representative": "Representative in the EU or UK",
    "data_protection_officer": "Data protection officer",
    "supervisory_authority": "Supervisory authority",
    "transfers": "Transfers to other countries",
    "security": "Protection",
}
TO_BE_STATED = "to be stated by the controller"
# The project's own placeholders, which name nobody.
_PLACEHOLDER = re.compile(r"^\s*$|to be stated|^Example Company|@example\.(com|org|net)\b", re.IGNORECASE)
RECORD_FIELDS = (
    "processing_activity",
    "purpose",
    "lawful_basis",
    "categories_of_data_subjects",
    "categories_of_personal_data",
    "personal_data_columns",
    "sources",
    "categories_of_recipients",
    "transfers_to_third_countries",
    "retention_days",
    "security_measures",
    "controller",
    "contact",
    "representative",
    "data_protection_officer",
    "notice_version",
)
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #888; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.8rem; } h2 { margin-top: 2.5rem; font-size: 1.3rem; } h3 { margin-bottom: .2rem; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; } .wide { overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
.draft { border: 2px solid #c60; padding: .6rem .8rem; }
.quiet { color: var(--quiet); }
"""


def stated(settings: Mapping[str, object]) -> dict[str, str]:
    """Every setting as text; one that is missing says that it is to be stated.

    Raises:
        ValueError: a setting is not known, so that a misspelt one is not passed over.
    """
    unknown = sorted(set(settings) - set(SETTINGS))
    if unknown:
        raise ValueError(
            f"dbt_project.yml, var transparency: {', '.join(unknown)} is unknown. Use {', '.join(SETTINGS)}."
        )
    return {name: str(settings.get(name) or TO_BE_STATED).strip() for name in SETTINGS}


def placeholders(settings: Mapping[str, str]) -> list[str]:
    """Names of the settings that still say nothing about a real controller."""
    return [name for name in SETTINGS if _PLACEHOLDER.search(settings[name])]


def days_in_words(days: int) -> str:
    """Days as a person would say them: 395 -> 'about 13 months'."""
    if days < 60:
        return f"{days} days"
    months = round(days / 30.44)
    if months % 12 == 0:
        return f"{months // 12} year" + ("s" if months > 12 else "")
    if months > 24:
        return f"about {days / 365.25:.1f} years"
    return f"about {months} months"


def sources_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Declared sources that are in use, with their description, by name."""
    found = {
        source["source_name"]: " ".join((source.get("source_description") or "").split())
        for source in manifest["sources"].values()
    }
    # The demo's own answers are no source of anybody's data.
    return {name: found[name] for name in sorted(found) if name != "truth"}


def columns_of(found: Iterable[Column], purpose: str) -> list[Column]:
    """Columns of marts with personal data that a purpose uses."""
    return [column for column in found if column.layer == "marts" and column.is_personal and purpose in column.purposes]


def record_of_processing(
    found: Sequence[Column], purposes: Mapping[str, Purpose], sources: Mapping[str, str], settings: Mapping[str, str]
) -> list[dict[str, str]]:
    """One row a purpose, with the fields of a record of processing activities (GDPR Art. 30(1))."""
    return [
        {
            "processing_activity": purpose.label,
            "purpose": purpose.description,
            "lawful_basis": f"GDPR Art. 6(1): {purpose.lawful_basis}",
            "categories_of_data_subjects": "customers; prospective customers; visitors of shops and sites",
            "categories_of_personal_data": purpose.data_categories,
            "personal_data_columns": "; ".join(f"{column.model}.{column.name}" for column in columns_of(found, code)),
            "sources": "; ".join(sources),
            "categories_of_recipients": purpose.recipients,
            "transfers_to_third_countries": settings["transfers"],
            "retention_days": str(purpose.retention_days),
            "security_measures": settings["security"],
            "controller": settings["controller"],
            "contact": settings["contact"],
            "representative": settings["representative"],
            "data_protection_officer": settings["data_protection_officer"],
            "notice_version": purpose.notice_version,
        }
        for code, purpose in purposes.items()
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [
        "<div class=wide><table><thead><tr>",
        *(f"<th>{escape(cell)}</th>" for cell in head),
        "</tr></thead><tbody>",
    ]
    for row in rows:
        lines += ["<tr>", *(f"<td>{escape(cell)}</td>" for cell in row), "</tr>"]
    return "\n".join([*lines, "</tbody></table></div>"])


_PEOPLE = ("controller", "contact", "representative", "data_protection_officer")


def _notice(settings: Mapping[str, str]) -> list[str]:
    missing = placeholders(settings)
    if not missing:
        return []
    names = ", ".join(SETTINGS[name].lower() for name in missing)
    return [
        f"<p class=draft role=alert><strong>Draft, not for publication.</strong> Still to be stated: {escape(names)}"
        " (var transparency in dbt_project.yml).</p>"
    ]


def page(
    found: Sequence[Column], purposes: Mapping[str, Purpose], sources: Mapping[str, str], settings: Mapping[str, str]
) -> str:
    """The page for the public, as one HTML file without anything to load."""
    used = {code: columns_of(found, code) for code in purposes}
    # One row a name: as the mart of customers describes it where that has it, and of the kind that says most about a person.
    rows: dict[str, list[Column]] = {}
    labels: dict[str, set[str]] = {}
    for code, of_purpose in used.items():
        for column in sorted(
            of_purpose, key=lambda column: (column.model != "customers", not column.is_public, column.model)
        ):
            rows.setdefault(column.name, []).append(column)
            labels.setdefault(column.name, set()).add(purposes[code].label)
    kind = {
        name: next((kind for kind in CLASSES if any(c.pii == kind for c in same)), "") for name, same in rows.items()
    }
    described = {
        name: next((c for c in same if c.model == "customers"), same[0]).description for name, same in rows.items()
    }
    body = [
        f"<h1>How {escape(settings['controller'])} uses personal data</h1>",
        *_notice(settings),
        "<p>" + "<br>".join(f"{SETTINGS[name]}: {escape(settings[name])}" for name in _PEOPLE) + "</p>",
        "<h2>What for</h2>",
        _table(
            ("Purpose", "What is done", "Legal basis", "Data", "Who receives it", "Kept for"),
            (
                (
                    p.label,
                    p.description,
                    BASES.get(p.lawful_basis, p.lawful_basis),
                    p.data_categories,
                    p.recipients,
                    days_in_words(p.retention_days),
                )
                for p in purposes.values()
            ),
        ),
        "<h2>Where the data comes from</h2>",
        _table(("Source", "What it is"), sources.items()),
        "<h2>Which data</h2>",
        _table(
            ("Data", "What it is", "Kind", "Used for"),
            (
                (name.replace("_", " "), described[name], kind[name], ", ".join(sorted(labels[name])))
                for name in sorted(rows)
            ),
        ),
        "<p class=quiet>" + "; ".join(f"{escape(name)}: {escape(text)}" for name, text in CLASSES.items()) + ".</p>",
        "<h2>Transfers and protection</h2>",
        f"<p>Transfers to other countries: {escape(settings['transfers'])}. Protection: {escape(settings['security'])}.</p>",
        "<h2>Your rights</h2>",
        "<p>You may ask for a copy of your data, have it corrected or erased, restrict or object to its use, and withdraw a consent at any"
        f" time, as easily as you gave it: write to {escape(settings['contact'])}. You may complain to the supervisory authority of your"
        f" country, or to ours: {escape(settings['supervisory_authority'])}.</p>",
    ]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>How {escape(settings['controller'])} uses personal data</title><style>{_STYLE}</style></head><body>",
            *body,
            "</body></html>",
            "",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Write both files and say where they are."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifest", type=Path, default=Path("target/manifest.json"))
    parser.add_argument("--project", type=Path, default=Path())
    parser.add_argument("--out", type=Path, default=Path("target/transparency"))
    options = parser.parse_args(arguments)
    manifest = read_manifest(options.manifest)
    purposes = read_purposes(options.project / "seeds" / "purposes.csv")
    variables = yaml.safe_load((options.project / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    settings = stated(variables.get("transparency") or {})
    found, sources = columns(manifest, purposes), sources_of(manifest)
    options.out.mkdir(parents=True, exist_ok=True)
    written = options.out / "transparency.html", options.out / "record_of_processing.csv"
    written[0].write_text(page(found, purposes, sources, settings), encoding="utf-8")
    with written[1].open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, RECORD_FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(record_of_processing(found, purposes, sources, settings))
    print("\n".join(str(path) for path in written))
    if missing := placeholders(settings):
        print(f"The page is marked as a draft: state {', '.join(missing)} in dbt_project.yml, var transparency.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
