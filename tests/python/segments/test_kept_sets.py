"""The history of stays goes on where the table of sets, which it is made from, is not there any more or never was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.python.delivery.small_project import SmallProject
from tests.python.delivery.small_world import World

STAYS = "select customer_id, segment_name, entered_at from marts.segment_membership order by all"


@pytest.mark.parametrize("is_of_an_older_version", [False, True])
def test_who_left_is_noticed_without_the_table_of_sets(tmp_path: Path, is_of_an_older_version: bool) -> None:
    project, world = SmallProject(tmp_path / "project", {}), World()
    models = ("--select", "path:models/marts/segments", "path:models/marts/customers", "customer_id_redirects")

    def build() -> None:
        with project.connect() as connection:
            world.write(connection, project.upstream)
        project.run(*models)

    project.parse()
    build()
    with project.connect() as connection:
        before = connection.execute(STAYS).fetchall()
        assert {"c08", "c13"} <= {customer for customer, *_ in before}
        connection.execute("drop table intermediate.int_segment_sets")
        if is_of_an_older_version:
            for column in ("is_spent", "noticed_at"):
                connection.execute(f"alter table marts.segment_membership_history drop column {column}")
    # The time of the data stays what it was.
    world.merge(8, into=9)
    world.erase(13)
    build()
    with project.connect() as connection:
        after = connection.execute(STAYS).fetchall()
        assert [row[:2] for row in after] == connection.execute(
            "select customer_id, segment_name from intermediate.int_segment_qualifiers order by all"
        ).fetchall()
        # Whoever stays has been in since they came.
        entered = {row[:2]: row[2] for row in before}
        stayed = {row[:2]: row[2] for row in after if row[:2] in entered}
        assert len(stayed) > 20
        assert stayed == {stay: entered[stay] for stay in stayed}
        reasons = dict(
            connection.execute(
                "select customer_id, any_value(exit_reason) from marts.segment_membership_history"
                " where customer_id in ('c08', 'c13') group by customer_id having not bool_or(is_current)"
            ).fetchall()
        )
        assert reasons == {"c08": "merged into c09", "c13": "customer no longer exists"}
        assert connection.execute(
            "select count(*) from intermediate.int_segment_sets where changed_at is null"
        ).fetchall() == [(0,)]
