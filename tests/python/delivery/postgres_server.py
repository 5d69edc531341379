"""A Postgres server of the test's own, on a socket in a temporary folder, when its programs are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """Folder of initdb and pg_ctl; None when no server is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    on_path = shutil.which("initdb")
    if found:
        return found[0].parent
    return Path(on_path).parent if on_path and shutil.which("pg_ctl") else None


@contextmanager
def server(folder_of_programs: Path) -> Iterator[str]:
    """Start a server and give its connection string; stops it in the end. The server refuses to run as root."""
    # A socket's path has at most 107 characters; pytest's folders are longer.
    folder = Path(tempfile.mkdtemp(prefix="kindred-pg"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(folder_of_programs / program), *arguments],
            user=user,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    try:
        run("initdb", "--pgdata", str(data), "--username", "kindred", "--auth", "trust", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        run("pg_ctl", "--pgdata", str(data), "--wait", "--log", str(folder / "log"), "--options", options, "start")
        try:
            yield f"host={folder} user=kindred dbname=postgres"
        finally:
            run("pg_ctl", "--pgdata", str(data), "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
