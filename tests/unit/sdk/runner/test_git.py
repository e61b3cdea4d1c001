"""Code from git: cloned, brought up to date, and let in without showing the credentials to anyone."""

from base64 import b64encode
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from ostinato.blocks.system import Secret
from ostinato.deployments.steps import git_clone, storage
from ostinato.runner.git import Checkout, GitFailed, Remote, folder_name
from ostinato.runner.repository import GitRepository
from ostinato.runner.storage import CodeStorage
from tests.support.git import Repository, alone_with_git, new_repository
from tests.support.stub_api import StubServer

TOKEN = "ghp_v3ry/secret"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with two commits on `main`, a branch `next` and two folders; the working directory is empty."""
    alone_with_git(monkeypatch)
    made = new_repository(tmp_path / "flows")
    made.commit(etl_py="one", a__a_py="a", b__b_py="b")
    made.commit(etl_py="two")
    made.git("branch", "next")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return made


def test_a_clone_is_made_and_brought_up_to_date(repository: Repository) -> None:
    made = git_clone(repository.url)
    assert made == {"directory": str(Path.cwd() / "flows")}
    assert Path("flows/etl.py").read_text() == "two"
    Path("flows/etl.py").write_text("changed here")
    repository.commit(etl_py="three")
    assert git_clone(repository.url) == made
    assert Path("flows/etl.py").read_text() == "three"


def test_a_history_that_was_rewritten_is_followed(repository: Repository) -> None:
    git_clone(repository.url, branch="next")
    repository.git("checkout", "-q", "next")
    repository.git("reset", "-q", "--hard", "HEAD~1")
    git_clone(repository.url, branch="next")
    assert Path("flows-next/etl.py").read_text() == "one"


def test_an_interrupted_clone_is_made_again(repository: Repository) -> None:
    Path("flows/.git").mkdir(parents=True)
    git_clone(repository.url)
    assert Path("flows/etl.py").read_text() == "two"


def test_a_commit_is_checked_out(repository: Repository) -> None:
    first = repository.git("rev-parse", "HEAD~1")
    made = git_clone(repository.url, commit_sha=first, clone_directory_name="old")
    assert Path(made["directory"], "etl.py").read_text() == "one"
    assert git_clone(repository.url, commit_sha=first, clone_directory_name="old") == made
    with pytest.raises(ValueError, match="not both"):
        git_clone(repository.url, branch="main", commit_sha=first)


def test_only_the_folders_that_are_wanted_are_there(repository: Repository) -> None:
    git_clone(repository.url, directories=["a"])
    assert Path("flows/a/a.py").is_file()
    assert Path("flows/etl.py").is_file()
    assert not Path("flows/b").exists()


def test_submodules_come_along(repository: Repository, tmp_path: Path) -> None:
    other = new_repository(tmp_path / "other")
    other.commit(helper_py="help")
    repository.git("submodule", "add", "-q", other.url, "lib")
    repository.commit(more_py="x")
    git_clone(repository.url, clone_directory_name="plain")
    assert not Path("plain/lib/helper.py").exists()
    git_clone(repository.url, include_submodules=True)
    assert Path("flows/lib/helper.py").read_text() == "help"


def test_a_folder_with_another_repository_is_left_alone(repository: Repository, tmp_path: Path) -> None:
    other = new_repository(tmp_path / "elsewhere" / "flows")
    other.commit(x_py="x")
    git_clone(repository.url)
    with pytest.raises(ValueError, match="holds a clone of"):
        git_clone(other.url)
    assert Path("flows/etl.py").read_text() == "two"


def test_it_is_tried_again_and_then_told(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "FIRST_PAUSE", 0)
    tried: list[Path] = []
    bring = Checkout.bring

    def counted(checkout: Checkout, remote: Remote, folder: Path) -> None:
        tried.append(folder)
        bring(checkout, remote, folder)

    monkeypatch.setattr(Checkout, "bring", counted)
    with pytest.raises(RuntimeError, match="cannot be cloned"):
        git_clone(repository.url, branch="nothing")
    assert len(tried) == 3


@pytest.mark.parametrize(
    "credentials",
    [
        TOKEN,
        SecretStr(TOKEN),
        {"access_token": SecretStr(TOKEN)},
        {"username": "x-access-token", "password": TOKEN},
        Secret(value=TOKEN),
        {"token": Secret(value=TOKEN)},
    ],
)
def test_credentials_of_every_form_are_understood(credentials: object) -> None:
    remote = Remote.of("https://github.com/acme/flows.git", credentials)
    assert remote.login == f"x-access-token:{TOKEN}"
    assert remote.url == "https://github.com/acme/flows.git"


def test_the_user_depends_on_the_host_and_may_be_in_the_address() -> None:
    assert Remote.of("https://gitlab.example.org/a/b", TOKEN).login == f"oauth2:{TOKEN}"
    assert Remote.of("https://bitbucket.org/a/b", "me:pass").login == "me:pass"
    inline = Remote.of("https://me:p%40ss@git.example.org:8443/a/b")
    assert (inline.url, inline.login) == ("https://git.example.org:8443/a/b", "me:p@ss")
    assert Remote.of("git@github.com:acme/flows.git", TOKEN).login is None
    with pytest.raises(ValueError, match="need a `token`"):
        Remote.of("https://github.com/a/b", {"user": "x"})


def test_no_text_shows_the_credentials() -> None:
    remote = Remote.of("https://github.com/acme/flows", TOKEN)
    encoded = b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    told = f"fatal: https://{TOKEN}@github.com and ghp_v3ry%2Fsecret and {encoded}"
    assert encoded not in remote.scrubbed(told)
    assert "v3ry" not in remote.scrubbed(told)
    assert "secret" not in repr(remote)
    assert remote.scrubbed("https://other:word@example.org") == "https://***@example.org"


def test_credentials_are_sent_but_not_shown_or_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone_with_git(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(storage, "FIRST_PAUSE", 0)
    seen: list[str | None] = []

    async def refuse(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization"))
        return web.Response(status=404)

    server = StubServer(refuse)
    server.start()
    try:
        url = f"http://127.0.0.1:{server.port}/acme/flows.git"
        with pytest.raises(RuntimeError) as problem:
            git_clone(url.replace("http://", f"http://me:{TOKEN.replace('/', '%2F')}@"))
    finally:
        server.stop()
    assert set(seen) == {f"Basic {b64encode(f'me:{TOKEN}'.encode()).decode()}"}
    assert url in str(problem.value)
    assert "v3ry" not in str(problem.value)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_called_after_the_repository() -> None:
    assert folder_name("https://example.org/acme/flows.git") == "flows"
    assert folder_name("git@example.org:flows.git", "feature/x") == "flows-feature-x"


def test_a_repository_is_a_storage(repository: Repository, tmp_path: Path) -> None:
    made = GitRepository(repository.url, branch="next", directories=["a"], include_submodules=True)
    assert isinstance(made, CodeStorage)
    made.set_base_path(tmp_path / "base")
    made.pull_code()
    assert made.destination == tmp_path / "base" / "flows-next"
    assert (made.destination / "a" / "a.py").is_file()
    assert made.to_pull_step() == {
        "prefect.deployments.steps.git_clone": {
            "repository": repository.url,
            "branch": "next",
            "include_submodules": True,
            "directories": ["a"],
        }
    }


async def test_it_is_fetched_in_an_event_loop_too(repository: Repository) -> None:
    made = GitRepository(repository.url)
    await made.apull_code()
    assert (made.destination / "etl.py").is_file()


def test_a_deployment_gets_no_open_credentials() -> None:
    for made in (
        GitRepository("https://github.com/a/b", TOKEN),
        GitRepository("https://x:ghp_v3ry@github.com/a/b"),
        GitRepository("https://github.com/a/b", {"access_token": TOKEN}),
    ):
        with pytest.raises(ValueError, match="Save them as a block") as problem:
            made.to_pull_step()
        assert "v3ry" not in str(problem.value)
    with pytest.raises(ValueError, match="not saved"):
        GitRepository("https://github.com/a/b", {"access_token": Secret(value=TOKEN)}).to_pull_step()


def test_git_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitFailed, match="not installed"):
        Remote.of("https://example.org/a").git("version")
