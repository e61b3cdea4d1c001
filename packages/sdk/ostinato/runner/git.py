"""Code that is kept in git: clones and updates; credentials reach neither command lines, nor files, nor errors."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote, unquote, urlsplit, urlunsplit

# Any below: blocks of whatever type, values of JSON.

GIT_SECONDS = 600.0
"""How long one command of git may take."""
MASK: Final = "***"
_USERS = (("github", "x-access-token"), ("gitlab", "oauth2"), ("bitbucket", "x-token-auth"))
_SECRETS = ("access_token", "token", "password")
_USER_IN_URL = re.compile(r"(://)[^/@\s]+@")

Credentials = Any
"""A token, a mapping with `token`, `access_token` or `password` and perhaps `username`, or a block that has those."""


class GitFailed(RuntimeError):
    """A command of git failed; the text is git's own, without credentials."""


@dataclass(frozen=True)
class Remote:
    """A repository and how to be let in. `url` has no credentials; `secrets` are what no text may show."""

    url: str
    login: str | None = field(default=None, repr=False)
    """`user:password` for HTTP."""

    @classmethod
    def of(cls, url: str, credentials: Credentials = None) -> Remote:
        """Return the remote of a URL, which may hold credentials itself, and of further credentials, which win."""
        if re.match(r"https?://", url):
            parts = urlsplit(url)
            host = parts.netloc.rpartition("@")[2]
            plain = urlunsplit(parts._replace(netloc=host))
            login = _login(credentials, host) if credentials else None
            if login is None and parts.username:
                user, password = unquote(parts.username), unquote(parts.password or "")
                login = f"{user}:{password}" if password else _login(user, host)
            return cls(plain, login)
        return cls(url)

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Every spelling of the credentials."""
        if self.login is None:
            return ()
        user, _, password = self.login.partition(":")
        texts = {self.login, password or user, b64encode(self.login.encode()).decode()}
        quoted = {quote(text, safe=safe) for text in texts for safe in ("", "/")}
        return tuple(sorted((texts | quoted) - {""}, key=len, reverse=True))

    def scrubbed(self, text: str) -> str:
        """Return a text without credentials."""
        for secret in self.secrets:
            text = text.replace(secret, MASK)
        return _USER_IN_URL.sub(rf"\1{MASK}@", text)

    def environment(self) -> dict[str, str]:
        """Return what git is told by its environment, which no other user sees: never to ask, and the login."""
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
        if self.login is not None:
            parts = urlsplit(self.url)
            number = int(environment.get("GIT_CONFIG_COUNT", "0"))
            header = f"Authorization: Basic {b64encode(self.login.encode()).decode()}"
            environment |= {
                "GIT_CONFIG_COUNT": str(number + 1),
                f"GIT_CONFIG_KEY_{number}": f"http.{parts.scheme}://{parts.netloc}/.extraHeader",
                f"GIT_CONFIG_VALUE_{number}": header,
            }
        return environment

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        """Run git and return what it printed. Raises GitFailed."""
        try:
            ended = subprocess.run(  # noqa: S603 - the arguments are the deployment's own
                ["git", *(("-C", str(folder)) if folder is not None else ()), *arguments],  # noqa: S607 - the machine's
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                timeout=GIT_SECONDS, env=self.environment(),
            )  # fmt: skip
        except FileNotFoundError:
            raise GitFailed("The command `git` is not installed here.") from None
        except subprocess.TimeoutExpired:
            raise GitFailed(f"git {arguments[0]} took longer than {GIT_SECONDS:g} seconds.") from None
        if ended.returncode:
            raise GitFailed(self.scrubbed(ended.stderr.strip() or f"git {arguments[0]} failed"))
        return ended.stdout.strip()


def _login(credentials: Credentials, host: str) -> str | None:
    """Return `user:password` of credentials in any of their forms. Raises ValueError if nothing in them is a secret."""
    members = _members(credentials)
    secret = next((members[name] for name in _SECRETS if members.get(name)), None)
    if secret is None:
        raise ValueError(
            f"Credentials for {host} need a `token`, an `access_token` or a `password`; they have {sorted(members)}."
        )
    if members.get("username"):
        return f"{members['username']}:{secret}"
    if ":" in secret:
        return secret
    return f"{next((user for name, user in _USERS if name in host), 'git')}:{secret}"


def _members(credentials: Credentials) -> dict[str, str]:
    if isinstance(credentials, str):
        return {"token": credentials}
    found: Any = credentials
    if not isinstance(credentials, Mapping):
        if secret := _plain(credentials):
            return {"token": secret}
        found = {name: getattr(credentials, name, None) for name in ("username", *_SECRETS)}
    plain = {str(name): _plain(value) for name, value in cast("Mapping[str, Any]", found).items()}
    return {name: value for name, value in plain.items() if value}


def _plain(value: Any) -> str:
    """Return the text in a secret of pydantic or in a block of type `secret`; empty for what is no text."""
    while not isinstance(value, (str, Mapping)):
        reveal = getattr(value, "get_secret_value", None) or getattr(value, "get", None)
        if not callable(reveal):
            return ""
        value = reveal()
    return value if isinstance(value, str) else ""


def ask_git(*arguments: str, folder: Path | None = None) -> str | None:
    """Return what git says of a folder (default: here); None if it fails, as outside of a repository."""
    try:
        return Remote("").git(*arguments, folder=folder) or None
    except GitFailed:
        return None


def folder_name(url: str, branch: str | None = None) -> str:
    """Return the name of the folder that a repository is cloned into."""
    stem = url.rstrip("/").split("/")[-1].split(":")[-1].removesuffix(".git")
    return f"{stem}-{branch.replace('/', '-')}" if branch else stem


@dataclass(frozen=True)
class Checkout:
    """What of a repository is wanted. Raises ValueError for a branch and a commit together."""

    branch: str | None = None
    commit_sha: str | None = None
    include_submodules: bool = False
    directories: Sequence[str] = ()
    """Only these folders, if there are any; files at the top are always there."""

    def __post_init__(self) -> None:
        if self.branch and self.commit_sha:
            raise ValueError("Give `branch` or `commit_sha`, not both.")

    def bring(self, remote: Remote, folder: Path) -> None:
        """Bring `folder` to the state that is wanted: update a clone of this repository, else clone. Raises GitFailed.

        Raises ValueError if the folder holds a clone of another repository. What was changed there is lost.
        """
        if (folder / ".git").exists():
            self._check_origin(remote, folder)
            try:
                self._update(remote, folder)
                return
            except GitFailed:  # an interrupted clone, or a history that was rewritten
                shutil.rmtree(folder)
        self._clone(remote, folder)

    def _check_origin(self, remote: Remote, folder: Path) -> None:
        try:
            origin = Remote.of(remote.git("config", "--get", "remote.origin.url", folder=folder)).url
        except GitFailed:
            return
        if origin != remote.url:
            raise ValueError(f"{str(folder)!r} holds a clone of {origin}, not of {remote.url}; remove it.")

    def _update(self, remote: Remote, folder: Path) -> None:
        wanted = self.commit_sha or self.branch or "HEAD"
        if self.commit_sha and self._has_commit(remote, folder, self.commit_sha):
            remote.git("checkout", "--force", "--quiet", self.commit_sha, folder=folder)
        else:
            remote.git("fetch", "--depth", "1", "origin", wanted, folder=folder)
            remote.git("checkout", "--force", "--quiet", "FETCH_HEAD", folder=folder)
        self._sparse(remote, folder)
        self._submodules(remote, folder)

    def _has_commit(self, remote: Remote, folder: Path, commit: str) -> bool:
        try:
            remote.git("cat-file", "-e", f"{commit}^{{commit}}", folder=folder)
        except GitFailed:
            return False
        return True

    def _clone(self, remote: Remote, folder: Path) -> None:
        """Clone beside the folder and put it in its place when it is whole."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as near:
            made = Path(near) / "clone"
            if self.commit_sha:
                remote.git("clone", "--filter=blob:none", "--no-checkout", remote.url, str(made))
                if not self._has_commit(remote, made, self.commit_sha):
                    remote.git("fetch", "origin", self.commit_sha, folder=made)
                self._sparse(remote, made)
                remote.git("checkout", "--quiet", self.commit_sha, folder=made)
            else:
                branch = ("--branch", self.branch) if self.branch else ()
                sparse = ("--sparse",) if self.directories else ()
                remote.git("clone", "--depth", "1", *branch, *sparse, remote.url, str(made))
                self._sparse(remote, made)
            self._submodules(remote, made)
            if folder.exists():
                shutil.rmtree(folder)
            made.rename(folder)

    def _sparse(self, remote: Remote, folder: Path) -> None:
        if self.directories:
            remote.git("sparse-checkout", "set", *self.directories, folder=folder)

    def _submodules(self, remote: Remote, folder: Path) -> None:
        if self.include_submodules:
            remote.git("submodule", "update", "--init", "--recursive", folder=folder)
