"""The workbenches of these tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from dbt_workbench import Workbench


@pytest.fixture(scope="session")
def workbench_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Workbench]:
    """Workbench for the given sources; one folder per set of sources."""
    made: dict[tuple[str, ...], Workbench] = {}

    def make(*sources: str) -> Workbench:
        if sources not in made:
            made[sources] = Workbench(tmp_path_factory.mktemp("_".join(sources)), list(sources))
        made[sources].clear()
        return made[sources]

    return make
