"""A PostGIS database of the tests' own on this machine's server, dropped afterwards."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

CLUSTER = ("15", "main")


@dataclass(frozen=True)
class Server:
    """Where the database is, and the login of the role that may only read part of it."""

    address: str
    user: str
    password: str
    database: str

    def run(self, statements: str) -> None:
        """Run SQL as the administrator."""
        _psql(self.database, statements)


def reason_to_skip() -> str | None:
    """Why there is no server to test against; None where there is one."""
    if shutil.which("pg_ctlcluster") is None:
        return "no PostgreSQL here: install postgresql-15-postgis-3"
    if os.name != "posix" or os.geteuid() != 0:
        return "starting the PostgreSQL cluster needs root"
    return None


@contextmanager
def running() -> Iterator[Server]:
    """The server, started if it was not, with a database and a role of this run."""
    subprocess.run(["pg_ctlcluster", "--skip-systemctl-redirect", *CLUSTER, "start"], check=False, capture_output=True)
    port = next(line.split()[2] for line in subprocess.run(["pg_lsclusters", "--no-header"], check=True, capture_output=True,
                                                           text=True).stdout.splitlines() if line.split()[:2] == list(CLUSTER))
    tag, password = secrets.token_hex(4), f"geheim-{secrets.token_hex(8)}"
    name, role = f"cunzhi_{tag}", f"reader_{tag}"
    _psql("postgres", f"CREATE DATABASE {name}; CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    try:
        _psql(name, "CREATE EXTENSION postgis")
        yield Server(f"postgresql://127.0.0.1:{port}/{name}", role, password, name)
    finally:
        _psql("postgres", f"DROP DATABASE {name} WITH (FORCE); DROP ROLE {role}")


def _psql(database: str, statements: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    for statement in statements.split(";"):
        if statement.strip():
            done = subprocess.run(["runuser", "-u", "postgres", "--", "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", database],
                                  input=f"{statement};", check=False, capture_output=True, text=True, cwd="/", env=environment)
            if done.returncode:
                raise RuntimeError(f"psql: {done.stderr}")
