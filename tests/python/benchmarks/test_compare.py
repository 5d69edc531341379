"""The comparison with Splink measures both sides alike, says what it could not run, and divides the right way round."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from benchmarks import compare
from benchmarks.compare import (
    BenchmarkError,
    Judge,
    Line,
    Run,
    Section,
    Usage,
    best_cut,
    febrl_set,
    generated_set,
    historical_set,
    known_sets,
    line,
    main,
    measured,
    node_times,
    options_of,
    people_set,
    report,
    rows,
    splink_python,
    typical,
    weight_of,
)
from benchmarks.linkage import PROJECT, Specification
from benchmarks.splink_peer import SPECIFICATIONS, PeerSpecification, identified_edges, input_tables
from python_udfs.identity.measures import ClusterMeasures

SPLINK = PROJECT / ".venv-benchmark" / "bin" / "python"
WORDS_OF_SQL = {"l", "r", "and", "or", "substr"}


def measures(f1: float) -> ClusterMeasures:
    return ClusterMeasures(f1, f1, f1, f1, f1, f1)


def a_run(seconds: float, peak: float, load: float = 0.5) -> Run:
    counts = {"compared pairs": 10, "scored pairs": 5, "kept edges": 5}
    return Run(seconds, Usage(seconds + 4.0, 7.0, peak, load), {"a": 1.0, "b": 2.0}, counts)


def columns_of(peer: PeerSpecification) -> set[str]:
    """The columns that a specification reads and does not derive."""
    texts = [text for rule in (*peer.blocking, *peer.certain) for text in ([rule] if isinstance(rule, str) else rule)]
    texts += [column for compared in peer.comparisons for column in compared.columns]
    texts += [column for rule in peer.training for column in rule]
    texts += [re.sub("'[^']*'", "", expression) for expression in peer.derived.values()]
    found = {word for text in texts for word in re.findall(r"[a-z_][a-z_0-9]*", text)}
    return (found | set(peer.identifiers) | ({peer.sources} if peer.sources else set())) - WORDS_OF_SQL


# -- processes -------------------------------------------------------------------------------------------------------------------------


def test_the_memory_of_a_process_is_its_own_and_that_of_its_children(tmp_path: Path) -> None:
    """A process inherits the figure of the one that starts it; the benchmark itself holds whole tables."""
    ballast = bytearray(300 * 2**20)
    ballast[::4096] = b"x" * len(ballast[::4096])
    small = measured([sys.executable, "-c", "pass"], tmp_path)
    assert small.peak_mib < 150
    grandchild = f"import subprocess; subprocess.run([{sys.executable!r}, '-c', 'bytearray(b\"x\") * (400 * 2**20)'])"
    large = measured([sys.executable, "-c", grandchild], tmp_path)
    assert large.peak_mib > 400
    assert 0 < small.seconds < 30
    assert len(ballast) == 300 * 2**20


def test_a_failing_command_is_quoted_with_what_it_printed(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"failed with status 3:\nthe disk is full"):
        measured([sys.executable, "-c", "import sys; print('the disk is full'); sys.exit(3)"], tmp_path)


def test_a_killed_command_has_failed(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="failed with status 137"):
        measured([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], tmp_path)


def node(name: str, start: int, end: int) -> dict[str, Any]:
    times = {"started_at": f"2026-01-01T00:00:{start:02}.000000Z", "completed_at": f"2026-01-01T00:00:{end:02}.500000Z"}
    return {"unique_id": name, "timing": [{"name": "execute", **times}], "execution_time": end - start + 0.5}


def test_the_time_of_the_models_is_the_wall_clock_from_the_first_to_the_last() -> None:
    """Two threads: seconds that pass twice at once count once, and what is no model counts not at all."""
    results = [node("model.kindred.b", 12, 17), node("model.kindred.a", 10, 15), node("seed.kindred.s", 1, 40)]
    skipped = {"unique_id": "model.kindred.c", "timing": [], "execution_time": 0.0}
    wall, seconds = node_times({"results": [*results, skipped]})
    assert wall == 7.5
    assert seconds == {"b": 5.5, "a": 5.5}


def test_a_run_without_models_is_no_run() -> None:
    with pytest.raises(BenchmarkError, match="no identity model"):
        node_times({"results": [node("seed.kindred.s", 1, 2)]})


# -- data sets and specifications ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "records", "sources"), [(3, 5000, ["a"]), (4, 10_000, ["a", "b"])])
def test_febrl_is_handed_to_both_systems_without_the_number_that_gives_it_away(
    tmp_path: Path, number: int, records: int, sources: list[str]
) -> None:
    chosen = febrl_set(number)
    variables = chosen.raw(tmp_path)
    table = pq.read_table(tmp_path / "records.parquet")
    kindred = pq.read_table(tmp_path / "raw" / "people" / "person.parquet")
    assert "soc_sec_id" not in {*table.column_names, *kindred.column_names}
    assert len(table) == len(kindred) == records
    assert sorted(set(table["source"].to_pylist())) == sources
    assert table["record_id"].to_pylist() == kindred["record_id"].to_pylist()
    assert variables["people_enabled"] is True
    assert "truth" not in kindred.column_names
    assert chosen.peers == (f"febrl{number}", f"febrl{number}_address")
    for peer in chosen.peers:
        assert columns_of(SPECIFICATIONS[peer]) <= {*table.column_names, *SPECIFICATIONS[peer].derived}


def test_a_table_keeps_its_columns_under_common_names_for_record_and_truth(tmp_path: Path) -> None:
    table = pa.table({"id": ["1", "2"], "who": ["p", "p"], "dob": ["1900-01-01", None]})
    specification = Specification("id", truth="who", attributes={"birth_date": "dob"})
    people_set("set", "Set", (), table, specification).raw(tmp_path)
    assert pq.read_table(tmp_path / "records.parquet").to_pylist() == [
        {"record_id": "1", "dob": "1900-01-01", "truth": "p"},
        {"record_id": "2", "dob": None, "truth": "p"},
    ]


def test_identifiers_that_splink_is_given_are_those_that_kindred_believes() -> None:
    declared = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    strong = {name for name, kind in declared["identity_identifier_types"].items() if kind["is_strong"]}
    assert set(SPECIFICATIONS["generated_identifiers"].identifiers) <= strong


def test_the_generated_set_asks_for_people_enough_for_the_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = []
    monkeypatch.setattr(compare, "measured", lambda command, folder: commands.append(command))
    assert generated_set(2750).raw(tmp_path) == {}
    assert commands[0][commands[0].index("--people") + 1] == "1000"


def test_two_sources_become_two_tables_with_the_derived_columns(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"record_id": ["1", "2", "3"], "side": ["b", "a", "b"], "x": ["u", "v", None]}), tmp_path / "r.parquet"
    )
    peer = PeerSpecification("t", (), (), (), 0.5, (), 1.0, derived={"xx": "x || x"}, sources="side")
    with duckdb.connect() as connection:
        names = input_tables(connection, peer, tmp_path / "r.parquet")
        found = [connection.execute(f"select record_id, xx from {name} order by all").fetchall() for name in names]
    assert found == [[("2", "vv")], [("1", "uu"), ("3", None)]]


def test_equal_identifiers_are_edges_beyond_every_threshold() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table people (record_id varchar, card varchar)")
        connection.execute("insert into people values ('a', '1'), ('b', '1'), ('c', '2'), ('d', null), ('e', null)")
        connection.execute(
            "create table predicted as select 'a' as record_id_l, 'c' as record_id_r, 1.5e0 as match_weight, 0.7e0 as match_probability"
        )
        edges = connection.execute(identified_edges(("card",), "predicted") + " order by all").fetchall()
    assert edges == [("a", "b", float("inf"), 1.0), ("a", "c", 1.5, 0.7)]


# -- measures --------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Records 1 to 3 are p, 4 is q, 5 is r; x is of unknown truth."""
    table = {"record_id": ["5", "4", "x", "3", "2", "1"], "truth": ["r", "q", None, "p", "p", "p"]}
    pq.write_table(pa.table(table), tmp_path / "records.parquet")
    return Judge(tmp_path / "records.parquet")


def test_labels_are_judged_and_records_without_one_stand_alone(judge: Judge) -> None:
    found = judge.of_labels("select * from (values ('1', 7), ('2', 7), ('4', 7), ('x', 7)) as found (record_id, label)")
    assert [found.precision, found.recall] == pytest.approx([1 / 3, 1 / 3])
    alone = judge.of_labels("select '1' as record_id, '2' as label")
    assert (alone.precision, alone.recall) == (1.0, 0.0)


def test_edges_are_cut_at_each_weight_and_records_of_unknown_truth_still_link(judge: Judge, tmp_path: Path) -> None:
    edges = {
        "record_id_l": ["1", "2", "3", "4"],
        "record_id_r": ["x", "x", "2", "5"],
        "match_weight": [9.0, 8.0, 3.0, -2.0],
    }
    pq.write_table(pa.table(edges), tmp_path / "edges.parquet")
    found = judge.of_edges(tmp_path / "edges.parquet", [-6.0, 0.0, 5.0, 8.5])
    assert (found[-6.0].precision, found[-6.0].recall) == (0.75, 1.0)
    assert (found[0.0].precision, found[0.0].recall) == (1.0, 1.0)
    assert [found[5.0].precision, found[5.0].recall] == pytest.approx([1.0, 1 / 3])
    assert found[8.5].recall == 0.0
    assert best_cut(found) == (0.0, found[0.0])


def test_without_edges_nothing_is_linked(judge: Judge, tmp_path: Path) -> None:
    empty = pa.table({"record_id_l": pa.array([], pa.string()), "record_id_r": pa.array([], pa.string())})
    pq.write_table(empty.append_column("match_weight", pa.array([], pa.float64())), tmp_path / "edges.parquet")
    found = judge.of_edges(tmp_path / "edges.parquet", [0.0])
    assert (found[0.0].precision, found[0.0].recall) == (1.0, 0.0)


def test_of_equally_good_thresholds_the_smallest_is_named() -> None:
    assert best_cut({3.0: measures(0.8), 1.0: measures(0.8), 2.0: measures(0.7)})[0] == 1.0


def test_a_probability_has_a_weight_in_bits() -> None:
    assert weight_of(0.5) == 0.0
    assert weight_of(0.95) == pytest.approx(4.248, abs=0.001)


# -- report ----------------------------------------------------------------------------------------------------------------------------


def test_a_line_has_the_run_with_the_median_of_the_seconds_and_the_largest_memory() -> None:
    runs = [a_run(9.0, 100.0, 0.1), a_run(2.0, 300.0, 3.0), a_run(4.0, 200.0, 0.2)]
    assert line("it", measures(0.9), runs) == Line("it", measures(0.9), 4.0, 7.0, 300.0, 0.2)
    assert typical(runs[:2]) == runs[1]
    assert "4.0 s from the first" in compare.kindred_note(Usage(1.0, 1.0, 1.0, 0.0), runs)
    assert "4.0 s (a 1.0, b 2.0)" in compare.splink_note("t", runs)


def a_section() -> Section:
    lines = [
        Line("Kindred", measures(0.95), 30.0, 40.0, 2_000.0, 0.4),
        Line("Splink 5", measures(0.80), 20.0, 25.0, 4_000.0, 0.3),
    ]
    notes = [
        compare.kindred_note(Usage(50.0, 60.0, 500.0, 0.1), [a_run(30.0, 2_000.0)]),
        compare.splink_note("t", [a_run(1, 1)]),
    ]
    return Section("A set", 1_234, 567, lines, notes)


def test_the_report_sets_every_line_against_that_of_kindred() -> None:
    kindred, splink = rows(a_section())
    assert kindred == ["Kindred", "0.9500", "0.9500", "0.9500", "30.0", "40.0", "2,000", "0.4", "", "", ""]
    assert splink == [
        "Splink 5",
        "0.8000",
        "0.8000",
        "0.8000",
        "20.0",
        "25.0",
        "4,000",
        "0.3",
        "+0.1500",
        "1.50",
        "0.50",
    ]


def test_the_report_says_what_ran_what_did_not_and_what_is_not_counted() -> None:
    text = report([a_section()], {"historical_50k": "its file is absent"}, 3)
    assert "of 3 runs of each system" in text
    assert "one run" in report([a_section()], {}, 1)
    assert "Not run" not in report([a_section()], {}, 1)
    assert "| Splink 5 | 0.8000 | 0.8000 | 0.8000 | 20.0 | 25.0 | 4,000 | 0.3 | +0.1500 | 1.50 | 0.50 |" in text
    assert "1,234 records of 567 entities" in text
    assert "- historical_50k: its file is absent" in text
    assert "3.0 s added up over the models (b 2.0, a 1.0)" in text
    assert "staging with dbt's start 50.0 s, dbt's start before identity 4.0 s" in text
    assert len({row.count("|") for row in text.splitlines() if row.startswith("|")}) == 1


# -- what is missing -------------------------------------------------------------------------------------------------------------------


def test_without_an_environment_for_splink_the_command_that_makes_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"nowhere is absent: .*`make benchmark` makes it"):
        splink_python(tmp_path / "nowhere")


def test_an_environment_without_splink_is_to_be_made_anew() -> None:
    with pytest.raises(BenchmarkError, match=r"cannot import splink \(ModuleNotFoundError.*remove \.venv-benchmark"):
        splink_python(Path(sys.executable))


def test_the_command_ends_with_the_remedy_and_not_with_a_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "RESULTS.md"
    assert main(["--sets", "febrl3", "--splink", str(tmp_path / "none"), "--out", str(out)]) == 2
    assert "make benchmark" in " ".join(capsys.readouterr().err.split())
    assert not out.exists()


def test_a_set_that_is_not_there_is_skipped_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BenchmarkError, match="set KINDRED_BENCHMARK_DATA to the folder"):
        historical_set(None)
    with pytest.raises(BenchmarkError, match=r"historical_50k\.parquet is absent; set KINDRED_BENCHMARK_DATA"):
        historical_set(tmp_path)
    monkeypatch.setattr(compare, "splink_python", lambda given: given)
    monkeypatch.setattr(compare, "compare", lambda chosen, *_: a_section())
    out = tmp_path / "RESULTS.md"
    arguments = ["--data", str(tmp_path), "--out", str(out), "--sets"]
    assert main([*arguments, "historical_50k"]) == 2
    assert "nothing was run" in " ".join(capsys.readouterr().err.split())
    assert not out.exists()
    assert main([*arguments, "historical_50k, febrl3"]) == 0
    assert "skipped" in capsys.readouterr().err
    assert "- historical_50k: " in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sets", "febrl9"], "unknown set 'febrl9'; known: historical_50k, febrl3, febrl4, generated"),
        (["--size", "0"], "--size: 0: give a whole number from 1 up"),
        (["--repeat", "-1"], "--repeat: -1: give a whole number from 1 up"),
    ],
)
def test_a_wrong_option_is_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options_of(arguments)
    assert message in capsys.readouterr().err


def test_every_set_has_specifications_for_splink(tmp_path: Path) -> None:
    peers = {
        peer for peer in SPECIFICATIONS if peer.split("_address")[0].split("_identifiers")[0] in known_sets(1, None)
    }
    assert peers == set(SPECIFICATIONS)


# -- with Splink -----------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def splink() -> Path:
    try:
        return splink_python(SPLINK)
    except BenchmarkError as reason:
        pytest.skip(f"needs Splink's environment: {reason}")


def test_splink_accepts_every_specification(splink: Path) -> None:
    program = (
        "from benchmarks.splink_peer import SPECIFICATIONS, rule, settings\n"
        "for each in SPECIFICATIONS.values():\n"
        "    made = settings(each).get_settings('duckdb')\n"
        "    assert len(made.comparisons) == len(each.comparisons)\n"
        "    [rule(given) for given in (*each.certain, *each.training)]\n"
    )
    done = subprocess.run([str(splink), "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_both_systems_link_the_same_small_set(splink: Path, tmp_path: Path) -> None:
    steps: list[str] = []
    section = compare.compare(generated_set(1_000), splink, tmp_path, 1, steps.append)
    kindred, published, best, _, with_identifiers = section.lines
    assert [each.system.split(",")[0] for each in section.lines] == ["Kindred", *["Splink 5.0.0"] * 4]
    assert section.records == len(pq.read_table(tmp_path / "records.parquet", columns=["truth"]).drop_null())
    assert kindred.measures.f1 > 0.9
    assert best.measures.f1 >= published.measures.f1 > 0.5
    assert with_identifiers.measures.recall > best.measures.recall
    assert all(each.seconds > 0 and each.peak_mib > 50 for each in section.lines)
    assert steps[:3] == ["writing the records", "Kindred: staging", "Kindred: identity"]
    # Cutting Splink's edges gives Splink's own clusters at the threshold that it clusters at.
    cut = Judge(tmp_path / "records.parquet").of_edges(tmp_path / "generated" / "edges.parquet", [weight_of(0.95)])
    assert next(iter(cut.values())) == published.measures
    result = json.loads((tmp_path / "generated" / "result.json").read_text(encoding="utf-8"))
    assert result["seconds"] == pytest.approx(sum(result["steps"].values()))
