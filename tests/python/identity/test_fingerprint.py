"""What the linkage keeps between runs is believed only as long as the models that wrote it are the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).resolve().parents[3]


class Parsed:
    """The project as dbt has read it, in which a model may become another one."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KINDRED_DATABASE", str(folder / "empty.duckdb"))
        monkeypatch.setenv("KINDRED_RAW", "")
        monkeypatch.chdir(PROJECT)
        self._options = ("--target-path", str(folder / "target"), "--log-path", str(folder / "logs"))
        DuckDBConnectionManager.close_all_connections()
        self.manifest: Any = dbtRunner().invoke(["--quiet", "parse", *self._options]).result

    def fingerprint(self) -> str:
        done: Any = dbtRunner(manifest=self.manifest).invoke(
            ["--quiet", "compile", "--inline", "{{ identity_fingerprint() }}", *self._options]
        )
        assert done.success, done.exception
        return str(done.result.results[0].node.compiled_code)

    def fingerprint_with_another(self, model: str) -> str:
        """The fingerprint of a project in which the text of a model is another one."""
        checksum = self.manifest.nodes[f"model.kindred.{model}"].checksum
        before, checksum.checksum = checksum.checksum, "another"
        # What macros see as the graph.
        self.manifest.build_flat_graph()
        try:
            return self.fingerprint()
        finally:
            checksum.checksum = before


def test_another_model_makes_another_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = Parsed(tmp_path, monkeypatch)
    try:
        now = parsed.fingerprint()
        for kept in ("identity_features", "identity_value_counts"):
            assert parsed.fingerprint_with_another(kept) != now, kept
        assert parsed.fingerprint_with_another("identity_id_choices") == now
    finally:
        DuckDBConnectionManager.close_all_connections()
