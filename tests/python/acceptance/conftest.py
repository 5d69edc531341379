"""One bench for all tests: the project is parsed once for each set of variables."""

from __future__ import annotations

import pytest

from tests.python.acceptance.bench import Bench


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"))
