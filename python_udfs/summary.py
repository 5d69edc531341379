"""One screen after a build: what came in, who came out, how well, and where to look next.

    python -m python_udfs.summary --database data/kindred.duckdb [--json]

Counts only; no personal data is read into the output. A table that is not built yet is named in one line.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from python_udfs.arguments import Parser
from python_udfs.database import EncryptionError, connect

Row = dict[str, Any]
Section = dict[str, Any]

BAR_WIDTH = 16
TOP_REJECTED = 5
TOP_SEGMENTS = 12
MISSING = "column missing"
# Where the project builds what is read here.
SCHEMAS = ("staging", "identity", "marts", "governance")
NEXT_STEPS = (
    ("customers", "who each customer is and what they are worth"),
    ("customer_identifiers", "every e-mail, phone, card and device, and how it was tied to the customer"),
    ("orders", "every order and receipt, with or without a customer"),
    ("consent_status", "what each customer permits, with the event and rule that decided"),
    ("segment_membership", "who is in which segment, since when"),
    ("rejected_values", "what staging could not use, and why"),
)
EXAMPLE_QUERY = "select lifecycle_stage, count(*), sum(net_revenue) from marts.customers group by all order by all"


class MissingTableError(Exception):
    """A table (or column) that a section needs is not in the database."""


class Warehouse:
    """Read access to the built tables by their bare names: those of the project's own schemas, else of any (it may name its own).

    The database may hold tables of other people, `analysis.orders` say, which are not meant.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        rows = connection.execute(
            "select table_name, table_schema, column_name from information_schema.columns "
            "where table_catalog = current_database() "
            "order by not list_contains(?, table_schema), table_schema, table_name, ordinal_position",
            [list(SCHEMAS)],
        ).fetchall()
        self._relations: dict[str, str] = {}
        self._columns: dict[str, list[str]] = {}
        for table, schema, column in rows:
            relation = f'"{schema}"."{table}"'
            if self._relations.setdefault(table, relation) == relation:
                self._columns.setdefault(table, []).append(column)

    def has(self, table: str) -> bool:
        """Whether the table is built."""
        return table in self._relations

    def columns(self, table: str) -> list[str]:
        """Column names of a table; raises MissingTableError when it is not built."""
        self.relation(table)
        return self._columns[table]

    def relation(self, table: str) -> str:
        """Quoted schema and name; raises MissingTableError when the table is not built."""
        if table not in self._relations:
            raise MissingTableError(f"{table} is not built")
        return self._relations[table]

    def query(self, sql: str, **tables: str) -> list[Row]:
        """Rows of a query as dictionaries; `{name}` in the SQL stands for the table given by that keyword."""
        relations = {name: self.relation(table) for name, table in tables.items()}
        try:
            cursor = self._connection.execute(sql.format(**relations))
        except duckdb.BinderException as error:
            raise MissingTableError(f"{', '.join(tables.values())}: {str(error).splitlines()[0]}") from error
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def records(warehouse: Warehouse) -> Section:
    """Person records per source."""
    rows = warehouse.query(
        "select source_name, count(*) as records from {records} "
        "group by source_name order by records desc, source_name",
        records="identity_records",
    )
    return {"total": sum(row["records"] for row in rows), "by_source": rows}


def customers(warehouse: Warehouse) -> Section:
    """Customers, and how many records each is made of."""
    sizes = warehouse.query(
        """
        select
            count(*) as customers,
            coalesce(sum(records), 0)::bigint as records,
            count(*) filter (where records = 1) as single_record_customers,
            coalesce(max(records), 0) as largest_customer_records
        from (select customer_id, count(*) as records from {ids} group by customer_id)
        """,
        ids="customer_ids",
    )[0]
    sizes["records_per_customer"] = round(sizes["records"] / sizes["customers"], 2) if sizes["customers"] else None
    return sizes


def links(warehouse: Warehouse) -> Section:
    """What tied records together: shared strong identifiers, and the verdicts on the pairs that were weighed."""
    strong = warehouse.query(
        "select 'same ' || replace(identifier_type, '_', ' ') as link, count(*) as pairs from {links} "
        "where not is_over_limit group by link order by pairs desc, link",
        links="identity_strong_links",
    )
    weighed = warehouse.query(
        "select verdict as link, count(*) as pairs from {edges} group by verdict order by pairs desc, link",
        edges="identity_edges",
    )
    return {"strong_identifiers": strong, "weighed_pairs": weighed}


def quality(warehouse: Warehouse) -> Section:
    """Pairwise precision, recall and F1 against the known truth.

    Counted from the customer x person table (n records give n(n-1)/2 pairs), so no pair is ever listed.
    """
    counts = warehouse.query(
        """
        with judged as (
            select ids.customer_id, truth.person_id, count(*)::bigint as n
            from {ids} as ids inner join {truth} as truth on ids.record_id = truth.record_id
            group by ids.customer_id, truth.person_id
        ),
        by_customer as (select sum(n) as n from judged group by customer_id),
        by_person as (select sum(n) as n from judged group by person_id)
        select
            (select coalesce(sum(n), 0)::bigint from judged) as judged_records,
            (select coalesce(sum(n * (n - 1) / 2), 0)::bigint from judged) as true_pairs_found,
            (select coalesce(sum(n * (n - 1) / 2), 0)::bigint from by_customer) as pairs_found,
            (select coalesce(sum(n * (n - 1) / 2), 0)::bigint from by_person) as true_pairs
        """,
        ids="customer_ids",
        truth="stg_truth__person_records",
    )[0]
    return {**counts, **pairwise_scores(counts["true_pairs_found"], counts["pairs_found"], counts["true_pairs"])}


def pairwise_scores(both: int, found: int, true: int) -> dict[str, float | None]:
    """Precision both/found, recall both/true, F1 their harmonic mean; None where nothing is to be divided by."""
    precision = both / found if found else None
    recall = both / true if true else None
    f1 = 2 * both / (found + true) if found + true else None
    return {"precision": precision, "recall": recall, "f1": f1}


def rejected(warehouse: Warehouse) -> Section:
    """The most frequent reasons for which values and rows were left out; optional columns that were never there come last."""
    values = warehouse.query(
        "select source_name || '.' || table_name || '.' || column_name as place, reason, "
        "sum(value_count)::bigint as count "
        f"from {{v}} group by place, reason order by reason = '{MISSING}', count desc, place, reason limit {TOP_REJECTED}",
        v="rejected_values",
    )
    rows = warehouse.query(
        "select source_name || '.' || table_name as place, reason, sum(row_count)::bigint as count "
        f"from {{r}} group by place, reason order by count desc, place, reason limit {TOP_REJECTED}",
        r="rejected_rows",
    )
    return {"values": values, "rows": rows}


def accounting(warehouse: Warehouse) -> Section:
    """Rows in, used and rejected over all raw tables, and the tables that do not add up."""
    return warehouse.query(
        """
        select
            coalesce(sum(rows_in), 0)::bigint as rows_in,
            coalesce(sum(rows_used), 0)::bigint as rows_used,
            coalesce(sum(rows_rejected), 0)::bigint as rows_rejected,
            count(*) filter (where rows_in <> rows_used + rows_rejected) as unbalanced_tables
        from {accounting}
        """,
        accounting="row_accounting",
    )[0]


def orders(warehouse: Warehouse) -> Section:
    """Orders per source, and those that no customer could be found for."""
    rows = warehouse.query(
        "select source_name, count(*) as orders, count(*) filter (where customer_id is null) as without_customer "
        "from {orders} group by source_name order by source_name",
        orders="orders",
    )
    return {
        "total": sum(row["orders"] for row in rows),
        "without_customer": sum(row["without_customer"] for row in rows),
        "by_source": rows,
    }


def reach(warehouse: Warehouse) -> Section:
    """Customers with at least one permitted contact point, per marketing channel."""
    rows = warehouse.query(
        "select channel, count(distinct customer_id) filter (where is_permitted) as reachable, "
        "count(distinct customer_id) as with_contact_point "
        "from {status} where purpose_code = 'marketing' group by channel order by channel",
        status="consent_status",
    )
    return {"purpose": "marketing", "channels": rows}


def segments(warehouse: Warehouse) -> Section:
    """Members per declared segment, before consent."""
    rows = warehouse.query(
        "select segment_name, label, member_count, customer_share from {segments} "
        "order by member_count desc, segment_name",
        segments="segments",
    )
    return {"segments": rows}


def next_steps(warehouse: Warehouse) -> Section:
    """Tables worth a look, of those that are built, and one query to begin with."""
    tables = [
        {"table": warehouse.relation(table).replace('"', ""), "tells": tells}
        for table, tells in NEXT_STEPS
        if warehouse.has(table)
    ]
    return {"tables": tables, "example_query": EXAMPLE_QUERY if warehouse.has("customers") else None}


SECTIONS: dict[str, Callable[[Warehouse], Section]] = {
    "records": records,
    "customers": customers,
    "links": links,
    "quality": quality,
    "accounting": accounting,
    "rejected": rejected,
    "orders": orders,
    "reach": reach,
    "segments": segments,
    "next": next_steps,
}


def summarize(connection: duckdb.DuckDBPyConnection) -> dict[str, Section]:
    """All sections by name; one that cannot be told is {"missing": why}."""
    warehouse = Warehouse(connection)
    summary: dict[str, Section] = {}
    for name, section in SECTIONS.items():
        try:
            summary[name] = section(warehouse)
        except MissingTableError as error:
            summary[name] = {"missing": str(error)}
    return summary


def bar(share: float | None, width: int = BAR_WIDTH) -> str:
    """A bar of `share` (0 to 1) of the width, in eighths of a character; anything above nothing shows."""
    if not share or share <= 0:
        return ""
    eighths = max(1, round(min(share, 1.0) * width * 8))
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def _number(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,.4f}" if isinstance(value, float) else f"{value:,}"


def _table(rows: Sequence[Sequence[Any]], numbers: Sequence[int] = (1,)) -> Table:
    """Rows as an aligned grid; the columns whose positions are in `numbers` hold numbers."""
    grid = Table.grid(padding=(0, 2))
    for position in range(len(rows[0]) if rows else 0):
        grid.add_column(justify="right" if position in numbers else "left", no_wrap=position in numbers)
    for row in rows:
        grid.add_row(*[_number(cell) if not isinstance(cell, str) else cell for cell in row])
    return grid


def _panel(title: str, section: Section, body: Callable[[Section], RenderableType]) -> Panel:
    if "missing" in section:
        return Panel(Text(f"{section['missing']}.", style="yellow"), title=title, title_align="left")
    return Panel(body(section), title=title, title_align="left")


def _records(section: Section) -> RenderableType:
    return _table(
        [*((row["source_name"], row["records"]) for row in section["by_source"]), ("total", section["total"])]
    )


def _customers(section: Section) -> RenderableType:
    per_customer = section["records_per_customer"]
    return _table(
        [
            ("customers", section["customers"]),
            ("records per customer", "-" if per_customer is None else f"{per_customer:.2f}"),
            ("of one record only", section["single_record_customers"]),
            ("largest, in records", section["largest_customer_records"]),
        ]
    )


def _links(section: Section) -> RenderableType:
    rows = [*section["strong_identifiers"], *section["weighed_pairs"]]
    return _table([(row["link"], row["pairs"]) for row in rows]) if rows else Text("No links.")


def _quality(section: Section) -> RenderableType:
    return _table(
        [
            ("pairwise precision", section["precision"]),
            ("pairwise recall", section["recall"]),
            ("pairwise F1", section["f1"]),
            ("records with known truth", section["judged_records"]),
        ]
    )


def _accounting(section: Section) -> RenderableType:
    lines = [
        ("rows in", section["rows_in"]),
        ("rows used", section["rows_used"]),
        ("rows rejected", section["rows_rejected"]),
    ]
    if section["unbalanced_tables"]:
        lines.append(("tables that do not add up", section["unbalanced_tables"]))
    return _table(lines)


def _rejected(section: Section) -> RenderableType:
    lines = [(row["count"], row["place"], row["reason"]) for row in [*section["rows"], *section["values"]]]
    return _table(lines, numbers=(0,)) if lines else Text("Nothing was rejected.")


def _orders(section: Section) -> RenderableType:
    lines = [
        (row["source_name"], row["orders"], f"{row['without_customer']:,} unknown") for row in section["by_source"]
    ]
    return _table(lines) if lines else Text("No orders.")


def _reach(section: Section) -> RenderableType:
    lines = [
        (row["channel"], row["reachable"], f"of {row['with_contact_point']:,} with an address")
        for row in section["channels"]
    ]
    return _table(lines) if lines else Text("No consent status.")


def _segments(section: Section) -> RenderableType:
    rows = section["segments"]
    largest = max((row["member_count"] for row in rows), default=0)
    lines = [
        (row["segment_name"], row["member_count"], bar(row["member_count"] / largest if largest else None))
        for row in rows[:TOP_SEGMENTS]
    ]
    if not lines:
        return Text("No segments are declared.")
    more = len(rows) - len(lines)
    return Group(_table(lines), Text(f"and {more} smaller ones in marts.segments")) if more > 0 else _table(lines)


def _next(section: Section) -> RenderableType:
    parts: list[RenderableType] = []
    if section["tables"]:
        parts.append(_table([(step["table"], step["tells"]) for step in section["tables"]], numbers=()))
    if section["example_query"]:
        parts.append(Text(section["example_query"], style="bold"))
    return Group(*parts) if parts else Text("Nothing is built yet: run dbt build.")


def render(summary: dict[str, Section]) -> RenderableType:
    """The summary as one screen of panels, two beside each other."""
    panels = {
        "records": _panel("Records in, by source", summary["records"], _records),
        "customers": _panel("Customers out", summary["customers"], _customers),
        "links": _panel("How pairs of records were linked", summary["links"], _links),
        "quality": _panel("Linkage against known truth", summary["quality"], _quality),
        "accounting": _panel("Rows of all raw tables", summary["accounting"], _accounting),
        "rejected": _panel("Most rejected", summary["rejected"], _rejected),
        "orders": _panel("Orders", summary["orders"], _orders),
        "reach": _panel("Reachable for marketing", summary["reach"], _reach),
        "segments": _panel("Segments, before consent", summary["segments"], _segments),
        "next": _panel("Where to look next", summary["next"], _next),
    }
    screen = Table.grid(expand=True)
    screen.add_column(ratio=1)
    screen.add_column(ratio=1)
    screen.add_row(
        Group(panels["records"], panels["links"], panels["accounting"]),
        Group(panels["customers"], panels["quality"], panels["orders"], panels["reach"]),
    )
    return Group(screen, panels["segments"], panels["rejected"], panels["next"])


def open_database(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file for reading; SystemExit with a remedy when that cannot be done."""
    if not path.is_file():
        raise SystemExit(f"{path}: no such database. Build it with dbt build, or name another with --database.")
    try:
        return connect(path, read_only=True)
    except EncryptionError as error:
        raise SystemExit(str(error)) from error
    except duckdb.IOException as error:
        reason = str(error).splitlines()[0]
        raise SystemExit(
            f"{path}: cannot be opened ({reason}). Close the program that uses it and try again."
        ) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: print the summary of a database; 0 when it could be read."""
    parser = Parser(prog="python -m python_udfs.summary", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--database",
        type=Path,
        default=Path(os.environ.get("KINDRED_DATABASE", "data/kindred.duckdb")),
        help="DuckDB file of the build (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of panels")
    options = parser.parse_args(arguments)
    with open_database(options.database) as connection:
        summary = summarize(connection)
    if options.json:
        json.dump(summary, sys.stdout, indent=2, default=str)
        print()
    else:
        Console().print(render(summary))
    return 0


if __name__ == "__main__":
    sys.exit(main())
