"""The profile: every connection that dbt opens sets what it says, also after the engine has spilled to disk."""

from __future__ import annotations

from pathlib import Path

import duckdb
import yaml
from jinja2 import Environment

PROJECT = Path(__file__).resolve().parents[3]


def test_the_settings_can_be_set_again_after_a_spill(tmp_path: Path) -> None:
    database = tmp_path / "k.duckdb"
    environment = {"KINDRED_DATABASE": str(database), "KINDRED_MEMORY_LIMIT": "100MB"}
    jinja = Environment(autoescape=False)  # renders settings, no pages
    jinja.globals["env_var"] = lambda name, default: environment.get(name, default)
    profile = yaml.safe_load(jinja.from_string((PROJECT / "profiles.yml").read_text(encoding="utf-8")).render())
    settings = profile["kindred"]["outputs"]["duckdb"]["settings"]
    assert settings["memory_limit"] == "100MB"
    with duckdb.connect(str(database)) as connection:
        for name, value in settings.items():
            connection.execute(f"set {name} = '{value}'")
        connection.execute(
            "create table spilled as select md5(cast(i as varchar)) as text from range(3000000) as r (i) order by 1"
        )
        assert list(tmp_path.glob("k.duckdb.tmp/*")), "nothing was spilled: the test proves nothing"
        for name, value in settings.items():
            connection.cursor().execute(f"set {name} = '{value}'")
