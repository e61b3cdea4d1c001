"""`GitRepository`: served and deployed code that is kept in git."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ostinato.runner.git import Checkout, Credentials, Remote, folder_name
from ostinato.runner.storage import STEPS, DirectoryStorage

if TYPE_CHECKING:
    from ostinato_wire.base import JsonObject

# Any below: blocks of whatever type.


class GitRepository(DirectoryStorage):
    """A repository: code is cloned when it is first needed and brought up to date every `pull_interval` seconds.

    `credentials` (a token, a mapping, or a saved block) are sent by HTTP only. `directories` clones only these folders.
    `name` is that of the folder; by default that of the repository, with the branch. Raises ValueError for options that
    exclude each other.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials = None,
        name: str | None = None,
        branch: str | None = None,
        commit_sha: str | None = None,
        include_submodules: bool = False,
        pull_interval: int | None = 60,
        directories: list[str] | None = None,
    ) -> None:
        self._checkout = Checkout(branch, commit_sha, include_submodules, tuple(directories or ()))
        self._remote = Remote.of(url, credentials)
        self._credentials: Any = credentials
        super().__init__(name or folder_name(self._remote.url, branch or commit_sha), pull_interval)

    @property
    def url(self) -> str:
        """The address, without credentials."""
        return self._remote.url

    def _bring(self) -> None:
        self._checkout.bring(self._remote, self.destination)

    def to_pull_step(self) -> JsonObject:
        """Return the step that clones the repository; credentials go into it as references to a saved block.

        Raises ValueError for credentials that no block keeps: they would lie open in the deployment.
        """
        checkout = self._checkout
        inputs: JsonObject = {"repository": self.url}
        given = {"branch": checkout.branch, "commit_sha": checkout.commit_sha}
        inputs |= {name: value for name, value in given.items() if value}
        if checkout.include_submodules:
            inputs["include_submodules"] = True
        if checkout.directories:
            inputs["directories"] = list(checkout.directories)
        return {f"{STEPS}.git_clone": inputs | self._step_credentials()}

    def _step_credentials(self) -> JsonObject:
        from ostinato.blocks.core import Block

        if self._credentials is None:
            if self._remote.login is not None:
                raise ValueError(_OPEN.format(url=self.url))
            return {}
        if isinstance(self._credentials, Block):
            return {"credentials": reference_to(self._credentials)}
        credentials: Any = self._credentials
        if isinstance(credentials, Mapping):
            for value in cast("Mapping[str, Any]", credentials).values():
                if isinstance(value, Block):
                    return {"access_token": reference_to(value)}
        raise ValueError(_OPEN.format(url=self.url))


_OPEN = (
    "The deployment would hold the credentials of {url} for all to read. Save them as a block, "
    "`Secret(value=...).save('name')`, and give that: `credentials={{'access_token': Secret.load('name')}}`."
)


def reference_to(block: Any) -> str:
    """Return the template of a saved block. Raises ValueError if it was not saved."""
    name = block.document().name
    if name is None:
        raise ValueError(f"The {type(block).__name__} block is not saved: call `save('name')` first.")
    return f"{{{{ prefect.blocks.{block.get_block_type_slug()}.{name} }}}}"
