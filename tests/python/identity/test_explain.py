"""The explanations of matches and customers, on demo data: they must add up to what the models stored."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from tests.python.acceptance.bench import PROJECT, Bench, Run

# Parses the project once, then answers lines of calls with lines of what each operation printed or failed with.
OPERATIONS = """
import json, sys
from dbt.cli.main import dbtRunner

options = json.loads(sys.argv[1])
manifest = dbtRunner().invoke(["--quiet", "--warn-error", "parse", *options]).result
for line in sys.stdin:
    answers = []
    for name, arguments, *more in json.loads(line):
        printed, failed = [], []
        def listen(event):
            if event.info.name == "PrintEvent":
                printed.append(event.info.msg)
            elif event.info.level == "error":
                failed.append(event.info.msg)
        runner = dbtRunner(manifest=manifest, callbacks=[listen])
        result = runner.invoke(["--log-level", "none", "run-operation", name, "--args", json.dumps(arguments), *options, *more])
        answers.append({"success": result.success, "printed": "\\n".join(printed), "failed": "\\n".join(failed)})
    print("ANSWERS" + json.dumps(answers), flush=True)
"""
PEOPLE = 300
Answer = dict[str, Any]


@dataclass
class Explainer:
    """A built database and somebody to ask for explanations, who opens it for reading only."""

    run: Run
    operator: subprocess.Popen[str]
    joined: tuple[str, str] = ("", "")
    parted: tuple[str, str] = ("", "")

    def ask(self, *calls: tuple[Any, ...]) -> list[Answer]:
        """Answers to calls of an operation: its name, its arguments, and further options of dbt."""
        assert self.operator.stdin and self.operator.stdout
        self.operator.stdin.write(json.dumps(calls) + "\n")
        self.operator.stdin.flush()
        said = []
        for line in self.operator.stdout:
            if line.startswith("ANSWERS"):
                answers: list[Answer] = json.loads(line.removeprefix("ANSWERS"))
                return answers
            said.append(line)
        raise AssertionError("".join(said))

    def is_linked(self, left: str, right: str) -> bool:
        return (
            self.run.value(
                f"select count(distinct customer_id) from identity.customer_ids where record_id in ('{left}', '{right}')"
            )
            == 1
        )

    def data(self, *calls: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
        """The answers as data; every call has to succeed."""
        found = []
        for answer in self.ask(*((name, {**arguments, "as_json": True}) for name, arguments in calls)):
            assert answer["success"], answer["failed"]
            found.append(json.loads(answer["printed"]))
        return found


@contextmanager
def explainer_of(run: Run, folder: Path) -> Iterator[Explainer]:
    options = ["--target", "readonly", "--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    operator = subprocess.Popen(
        [sys.executable, "-c", OPERATIONS, json.dumps(options)],
        cwd=PROJECT,
        env={**os.environ, "KINDRED_DATABASE": str(run.database), "KINDRED_RAW": str(folder / "raw")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with operator:
        yield Explainer(run, operator)


def decide(database: Path, raw: Path) -> tuple[tuple[str, str], tuple[str, str]]:
    """Write two decisions: the first two shop customers are one person; the third is not the user of the same id on the web."""
    with duckdb.connect(str(database)) as connection:
        shop = connection.execute(
            f"select id from read_parquet('{raw}/shopify/customer.parquet') order by id limit 2"
        ).fetchall()
        web = connection.execute(
            f"""
            select min(shop.id)
            from read_parquet('{raw}/shopify/customer.parquet') as shop
            inner join read_parquet('{raw}/segment/identifies.parquet') as web on cast(shop.id as varchar) = web.user_id
            where shop.id > {shop[1][0]}
            """
        ).fetchall()
        joined = (f"shopify:customer:{shop[0][0]}", f"shopify:customer:{shop[1][0]}")
        parted = (f"shopify:customer:{web[0][0]}", f"segment:user:{web[0][0]}")
        connection.execute("create schema decisions")
        connection.execute(
            "create table decisions.overrides (decision varchar, left_record_id varchar, right_record_id varchar,"
            " decided_by varchar, decided_at varchar, reason varchar, expires_at varchar)"
        )
        connection.executemany(
            "insert into decisions.overrides values (?, ?, ?, 'Kim', '2025-01-01', 'checked by phone', null)",
            [["must_link", *joined], ["cannot_link", *parted]],
        )
    return joined, parted


@pytest.fixture(scope="module")
def explainer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explainer]:
    folder = tmp_path_factory.mktemp("explain")
    raw, database = folder / "raw", folder / "kindred.duckdb"
    command = [sys.executable, "-m", "python_udfs.demo", "--people", str(PEOPLE), "--seed", "3"]
    subprocess.run([*command, "--out", str(raw)], cwd=PROJECT, check=True, capture_output=True)
    joined, parted = decide(database, raw)
    (folder / "bench").mkdir()
    selection = ("--select", "+identity_edges", "+customer_ids", "--exclude-resource-type", "unit_test", "test")
    variables = {"identity_overrides_relation": "decisions.overrides"}
    run = Bench(folder / "bench").build(raw, database, *selection, variables=variables)
    with explainer_of(run, folder) as made:
        made.joined, made.parted = joined, parted
        yield made


def pairs_of_every_verdict(run: Run) -> list[tuple[str, str, float, str]]:
    """A few stored pairs of each verdict, strong ones and weak ones."""
    return run.rows(
        """
        select left_record_id, right_record_id, match_weight, verdict
        from identity.identity_edges
        qualify
            row_number() over (partition by verdict order by match_weight, left_record_id, right_record_id) = 1
            or row_number() over (partition by verdict order by match_weight desc, left_record_id, right_record_id) = 1
        order by verdict, match_weight
        """
    )


def test_steps_add_up_to_the_stored_weight(explainer: Explainer) -> None:
    pairs = pairs_of_every_verdict(explainer.run)
    assert len({verdict for *_, verdict in pairs}) >= 4
    # The order in which the records are given does not matter.
    calls = [
        ("explain_match", {"left": right, "right": left} if number % 2 else {"left": left, "right": right})
        for number, (left, right, _, _) in enumerate(pairs)
    ]
    for (left, right, weight, _), found in zip(pairs, explainer.data(*calls), strict=True):
        assert {found["left"], found["right"]} == {left, right}
        assert found["match_weight"] == pytest.approx(weight, abs=1e-6)
        assert found["stored_weight"] == pytest.approx(weight, abs=1e-6)
        assert sum(step["bits"] for step in found["steps"]) == pytest.approx(weight, abs=1e-6)
        assert found["steps"][-1]["sum"] == pytest.approx(weight, abs=1e-6)
        assert found["match_probability"] == pytest.approx(1 / (1 + 2**-weight))
        assert found["verdict"].startswith("One customer" if explainer.is_linked(left, right) else "Two customers")
        assert "values" not in found


def test_levels_of_a_step_are_those_of_the_edge(explainer: Explainer) -> None:
    pairs = pairs_of_every_verdict(explainer.run)[::2]
    calls = [("explain_match", {"left": left, "right": right}) for left, right, _, _ in pairs]
    for (left, right, _, _), found in zip(pairs, explainer.data(*calls), strict=True):
        labels = {step["step"]: step["label"] for step in found["steps"]}
        stored = explainer.run.rows(
            "select name_level, birth_date_level, gender_level, email_level, phone_level, address_level, blocking_rules"
            f" from identity.identity_edges where left_record_id = '{left}' and right_record_id = '{right}'"
        )[0]
        shown = [labels[name] for name in ("name", "birth_date", "gender", "email", "phone", "address")]
        assert [level or "nothing to compare" for level in stored[:6]] == shown
        assert ", ".join(found["rules"]["finding"]) == (stored[6] or "")


def test_pair_that_was_never_compared_is_explained(explainer: Explainer) -> None:
    left, right = explainer.run.rows(
        """
        select l.record_id, r.record_id
        from identity.identity_features as l
        inner join identity.identity_features as r on l.record_key < r.record_key and l.gender <> r.gender
        anti join identity.identity_comparisons as seen on l.record_key = seen.left_key and r.record_key = seen.right_key
        where l.source_name <> r.source_name
        order by l.record_key, r.record_key
        limit 1
        """
    )[0]
    found = explainer.data(("explain_match", {"left": left, "right": right}))[0]
    assert not found["rules"]["is_compared"]
    assert found["stored_weight"] is None
    assert sum(step["bits"] for step in found["steps"]) == pytest.approx(found["match_weight"], abs=1e-6)
    assert "never compared" in found["verdict"]


def test_chain_of_a_pair_linked_through_others_holds(explainer: Explainer) -> None:
    pairs = explainer.run.rows(
        """
        select left_record_id, right_record_id from identity.identity_edges
        where verdict = 'linked through other records' order by match_weight limit 3
        """
    )
    assert pairs
    linked = set(
        explainer.run.rows(
            """
            select left_record_id, right_record_id from identity.identity_edges where is_linked
            union
            select l.record_id, r.record_id
            from identity.identity_strong_links as links
            inner join identity.identity_features as l on links.left_key = l.record_key
            inner join identity.identity_features as r on links.right_key = r.record_key
            where not links.is_over_limit
            """
        )
    )
    found = explainer.data(*(("explain_match", {"left": left, "right": right}) for left, right in pairs))
    for (left, right), explanation in zip(pairs, found, strict=True):
        chain = explanation["chain"]
        assert len(chain) > 1
        assert {chain[0]["from"], chain[-1]["to"]} == {left, right}
        for step, after in zip(chain, [*chain[1:], None], strict=True):
            assert (step["from"], step["to"]) in linked or (step["to"], step["from"]) in linked
            assert after is None or step["to"] == after["from"]


def test_decisions_of_people_are_told_as_such(explainer: Explainer) -> None:
    joined, parted = explainer.data(
        *(("explain_match", {"left": left, "right": right}) for left, right in (explainer.joined, explainer.parted))
    )
    assert joined["match_weight"] < 0
    assert joined["verdict"] == "One customer: a manual decision joins both records."
    assert parted["strong_identifiers"][0]["identifier_type"] == "user_id"
    assert parted["cannot_links"] == ["manual decision"]
    assert parted["verdict"] == "Two customers: kept apart by manual decision."


def test_values_are_printed_only_when_asked_for(explainer: Explainer) -> None:
    left, right, email = explainer.run.rows(
        """
        select l.record_id, r.record_id, l.email
        from identity.identity_features as l
        inner join identity.identity_features as r on l.email = r.email and l.record_key < r.record_key
        where l.source_name <> r.source_name
        order by l.record_key, r.record_key limit 1
        """
    )[0]
    pair = {"left": left, "right": right}
    with_values = {**pair, "show_values": True}
    masked, shown, logged = explainer.ask(
        ("explain_match", pair),
        ("explain_match", with_values, "--log-level-file", "none"),
        ("explain_match", with_values, "--log-level-file", "debug"),
    )
    assert masked["success"] and shown["success"]
    # Values do not get into dbt's log file.
    assert not logged["success"]
    assert email not in logged["printed"] + logged["failed"]
    assert "VALUES=1" in logged["failed"]
    assert email not in masked["printed"]
    assert shown["printed"].count(email) == 2
    assert "match weight" in masked["printed"]
    assert "█" in masked["printed"]


def strongest_split(links: list[tuple[str, str, float]], records: list[str]) -> tuple[float, int]:
    """Weakest link of a maximum spanning tree and the size of the smaller side, by scipy."""
    number = {record: at for at, record in enumerate(records)}
    best: dict[tuple[int, int], float] = {}
    for left, right, weight in links:
        low, high = sorted((number[left], number[right]))
        best[low, high] = max(weight, best.get((low, high), -1e9))
    rows, columns = (np.array(side) for side in zip(*best, strict=True))
    weights = np.array(list(best.values()))
    # Costs above zero, since scipy takes a zero for no link.
    tree = minimum_spanning_tree(
        coo_array((weights.max() + 1.0 - weights, (rows, columns)), shape=(len(records), len(records)))
    ).tocoo()
    weakest = int(np.argmax(tree.data))
    keep = np.arange(len(tree.data)) != weakest
    _, side = connected_components(
        coo_array((tree.data[keep], (tree.row[keep], tree.col[keep])), shape=tree.shape), directed=False
    )
    return float(weights.max() + 1.0 - tree.data[weakest]), int(min(np.bincount(side)))


def test_weakest_link_is_that_of_the_maximum_spanning_tree(explainer: Explainer) -> None:
    proof = 1e6
    customers = [
        row[0]
        for row in explainer.run.rows(
            "select customer_id from identity.customer_ids group by customer_id having count(*) > 2"
            " order by count(*) desc, customer_id limit 6"
        )
    ]
    found = explainer.data(*(("explain_customer", {"customer": customer}) for customer in customers))
    for customer, explanation in zip(customers, found, strict=True):
        records = [record["record_id"] for record in explanation["records"]]
        member = f"select record_id from identity.customer_ids where customer_id = '{customer}'"
        assert sorted(records) == sorted(row[0] for row in explainer.run.rows(member))
        links = explainer.run.rows(
            f"""
            select left_record_id, right_record_id, match_weight
            from identity.identity_edges
            where left_record_id in ({member}) and right_record_id in ({member})
            union all
            select l.record_id, r.record_id, {proof}
            from identity.identity_strong_links as links
            inner join identity.identity_features as l on links.left_key = l.record_key
            inner join identity.identity_features as r on links.right_key = r.record_key
            where not links.is_over_limit and l.record_id in ({member}) and r.record_id in ({member})
            """
        )
        weakest, smaller = strongest_split(links, records)
        link = explanation["weakest_link"]
        assert (proof if link["bits"] is None else link["bits"]) == pytest.approx(weakest, abs=1e-6)
        if link["bits"] is not None:
            ties = [split for split in explanation["splits"] if split["bits"] == link["bits"]]
            assert smaller in [len(split["records"]) for split in ties]
        for record in explanation["records"]:
            assert record["linked_to"] in records
        for pair in explanation["nearby"]:
            assert pair["record_id"] in records
            assert pair["other_id"] not in records


def test_record_stands_for_its_customer(explainer: Explainer) -> None:
    record, customer = explainer.run.rows(
        "select record_id, customer_id from identity.customer_ids order by record_id limit 1"
    )[0]
    by_record, by_customer = explainer.data(
        ("explain_customer", {"customer": record}), ("explain_customer", {"customer": customer})
    )
    assert by_record == by_customer
    assert by_record["customer"] == customer


def test_customer_of_one_record_needs_nothing_to_hold_it(explainer: Explainer) -> None:
    customer = explainer.run.value(
        "select customer_id from identity.customer_ids group by customer_id having count(*) = 1 order by 1 limit 1"
    )
    answer = explainer.ask(("explain_customer", {"customer": customer}))[0]
    assert answer["success"], answer["failed"]
    assert "1 record" in answer["printed"]
    assert "nothing to hold together" in answer["printed"]


def test_unknown_ids_are_named_with_what_to_give(explainer: Explainer) -> None:
    known = explainer.run.value("select record_id from identity.identity_features order by record_id limit 1")
    unknown, same, customer = explainer.ask(
        ("explain_match", {"left": known, "right": "pos:member:it's nobody"}),
        ("explain_match", {"left": known, "right": known}),
        ("explain_customer", {"customer": "c'0"}),
    )
    assert not (unknown["success"] or same["success"] or customer["success"])
    assert "there is no record 'pos:member:it's nobody'" in unknown["failed"]
    assert "Give a record_id" in unknown["failed"]
    assert "same record" in same["failed"]
    assert "there is no customer and no record 'c'0'" in customer["failed"]
    assert "Give a customer_id" in customer["failed"]


def test_explanations_only_read(explainer: Explainer) -> None:
    """They work beside another reader of the file, which nothing that writes could, and leave the file as it is."""
    left, right, *_ = pairs_of_every_verdict(explainer.run)[0]
    before = hashlib.sha256(explainer.run.database.read_bytes()).hexdigest()
    with duckdb.connect(str(explainer.run.database), read_only=True) as reader:
        reader.execute("select 1")
        answers = explainer.ask(
            ("explain_match", {"left": left, "right": right}), ("explain_customer", {"customer": left})
        )
    assert all(answer["success"] for answer in answers)
    assert hashlib.sha256(explainer.run.database.read_bytes()).hexdigest() == before


def test_nothing_is_explained_before_a_build(tmp_path: Path) -> None:
    database = tmp_path / "empty.duckdb"
    duckdb.connect(str(database)).close()
    with explainer_of(Run(0, "", database), tmp_path) as empty:
        answer = empty.ask(("explain_match", {"left": "a", "right": "b"}))[0]
    assert not answer["success"]
    assert "has not been built" in answer["failed"]
