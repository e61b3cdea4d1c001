"""Steps that build and push container images; they need the package `docker`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ostinato_wire.base import JsonObject

# Any below: keywords of the package `docker`.


def build_docker_image(
    image_name: str,
    dockerfile: str = "Dockerfile",
    tag: str | None = None,
    additional_tags: Sequence[str] | None = None,
    **build_kwargs: Any,
) -> JsonObject:
    """Build an image from the working directory; `image`, `image_name`, `tag` and `image_id` say what came of it.

    `dockerfile="auto"` makes one: this Python, Ostinato, `requirements.txt` if there is one, and the project.
    Raises BuildError, ModuleNotFoundError without `ostinato[docker]`.
    """
    from ostinato.deployments.images import DockerImage

    image = DockerImage(image_name, tag, dockerfile, **build_kwargs)
    image_id = image.build(additional_tags or ())
    return {
        "image_name": image.name,
        "tag": image.tag,
        "image": image.reference,
        "image_id": image_id,
        "additional_tags": list(additional_tags or ()),
    }


def push_docker_image(
    image_name: str,
    tag: str | None = None,
    credentials: Mapping[str, Any] | None = None,
    additional_tags: Sequence[str] | None = None,
) -> JsonObject:
    """Push an image and its further tags. `credentials` have `username`, `password` and perhaps `registry_url`.

    Raises PushError, ModuleNotFoundError without `ostinato[docker]`.
    """
    from ostinato.deployments.images import DockerImage

    image = DockerImage(image_name, tag or "latest")
    image.push(additional_tags or (), credentials)
    return {
        "image_name": image.name,
        "tag": image.tag,
        "image": image.reference,
        "additional_tags": list(additional_tags or ()),
    }
