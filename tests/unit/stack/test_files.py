"""What operators read fits what is there: `.env.example` and `compose.yaml`, the guides and the commands they name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GUIDES = sorted((ROOT / "docs" / "user").glob("*.md"))


def test_env_example_has_every_variable_of_the_stack_with_its_default() -> None:
    # `$$` is a dollar for the container, no variable of compose.
    compose = (ROOT / "compose.yaml").read_text().replace("$$", "")
    read = dict(re.findall(r"\$\{(\w+)(?::?-([^}]*))?\}", compose))
    shown = dict(re.findall(r"^#?(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert set(shown) == set(read)
    nothing_mounted = {"OSTINATO_TLS_CERTIFICATE", "OSTINATO_TLS_KEY"}
    assert {name: value for name, value in shown.items() if name not in nothing_mounted} == {
        name: value for name, value in read.items() if name not in nothing_mounted
    }


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_links_of_the_guides_lead_somewhere(guide: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", guide.read_text()):
        assert (guide.parent / link).exists(), link


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_commands_of_the_guides_exist(guide: Path) -> None:
    targets = set(re.findall(r"^(\w+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`|&& )make (\w+)", guide.read_text(), re.MULTILINE))
    assert named <= targets


def test_services_are_built_alike() -> None:
    # Each can be built alone, by plain `docker build`, so what they have in common is repeated: here it is held alike.
    def without_its_name(service: str) -> list[str]:
        lines = (ROOT / "services" / service / "Dockerfile").read_text().replace(f"services/{service}", "SERVICE")
        return lines[lines.index("FROM") : lines.index("WORKDIR /var/lib")].splitlines()

    api, *others = (without_its_name(service) for service in ("api", "scheduler", "migrator"))
    assert len(api) > 20
    assert others == [api, api]
