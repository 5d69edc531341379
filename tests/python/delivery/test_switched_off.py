"""A destination that is switched off or removed: nobody stays in its tables, and those who read them learn it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.python.delivery.small_project import SmallProject
from tests.python.delivery.small_world import DAY, World
from tests.python.delivery.test_ten_days import FOUND_BY, Clients, rows_of

# Of a destination that the project has never heard of there are tables only.
REMOVED = "fax"
OFF = {"meta": FOUND_BY["meta"], REMOVED: FOUND_BY["sms"]}


def set_destinations(project: SmallProject, names: Any) -> None:
    file = project.folder / "dbt_project.yml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["vars"]["activation_destinations"] = names
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    project.parse()


def test_everybody_leaves_a_destination_that_is_not_built_any_more(tmp_path: Path) -> None:
    project, world = SmallProject(tmp_path / "project", {}), World()
    everything = ["email", "sms", "push", "google", "meta", "crm", "profile"]
    clients = {name: Clients() for name in OFF}

    def build(*options: str) -> list[str]:
        with project.connect() as connection:
            world.write(connection, project.upstream)
        return [message for message in project.run(*options) if "activation_destinations" in message]

    def synced() -> dict[str, Clients]:
        with project.connect() as connection:
            for name, client in clients.items():
                client.sync(connection, name)
                assert client.mirror == rows_of(connection, f"activation.activation_{name}_current")
                assert client.followed == rows_of(connection, f"activation.activation_{name}_state")
        return clients

    project.parse()
    build()
    with project.connect() as connection:
        for kind in ("state", "current"):
            connection.execute(
                f"create table activation.activation_{REMOVED}_{kind} as from activation.activation_sms_{kind}"
            )
    assert all(len(client.mirror) > 5 for client in synced().values())
    sent = {name: client.sent for name, client in clients.items()}

    set_destinations(project, [name for name in everything if name != "meta"])
    only_activation = ("--select", "path:models/marts/activation")
    told = build(*only_activation)
    assert [name for name in OFF if any(f"'{name}'" in message for message in told)] == list(OFF) and len(told) == 2
    for name, client in synced().items():
        assert client.mirror == {} and client.sent == sent[name]
        for row in client.followed.values():
            assert row["is_deleted"] and row["exit_reason"] == "no longer selected" and row["exited_at"] is not None
            # The destination can still find them.
            assert any(row[column] for column in OFF[name]), name
    assert all(row["segments"] is None for row in clients["meta"].followed.values())
    with project.connect() as connection:
        assert len(rows_of(connection, "activation.activation_email_current")) > 5
        views = connection.execute("select count(*) from duckdb_views() where view_name = 'activation_meta_candidates'")
        assert views.fetchall() == [(0,)]

    assert build(*only_activation) == []
    assert [client.sent for client in synced().values()] == [0, 0]

    world.as_of += 45 * DAY
    build(*only_activation)
    for name, client in synced().items():
        assert client.sent == len(client.followed)
        assert not [row for row in client.followed.values() for column in OFF[name] if row[column]]

    # A dry run tells nobody anything, and who comes back is sent again.
    set_destinations(project, everything)
    build("--empty", *only_activation)
    assert [client.sent for client in synced().values()] == [0, 0]
    build(*only_activation)
    assert len(synced()["meta"].mirror) > 5
    assert all(row["exit_reason"] is None for row in clients["meta"].followed.values() if not row["is_deleted"])
    assert clients[REMOVED].sent == 0
    project.close()


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (["email", "smss"], "names 'smss', which is no destination. Did you mean 'sms'\\?"),
        ("email", "must be a list, such as"),
    ],
)
def test_a_misspelt_destination_stops_the_run(tmp_path: Path, names: Any, complaint: str) -> None:
    project = SmallProject(tmp_path / "project", {})
    file = project.folder / "profiles.yml"
    profile = yaml.safe_load(file.read_text(encoding="utf-8"))
    output = profile["kindred"]["outputs"]["small"]
    output.update({"plugins": [{"module": "python_udfs.duckdb_plugin", "config": {"raw": ""}}]})
    file.write_text(yaml.safe_dump(profile), encoding="utf-8")
    set_destinations(project, names)
    with pytest.raises(AssertionError, match=complaint):
        project.dbt("run-operation", "refuse_unknown_destinations")
    project.close()
