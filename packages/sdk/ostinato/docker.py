"""Container images of deployments: `DockerImage`, and what goes wrong with them."""

from ostinato.deployments.images import BuildError, DockerImage, PushError

__all__ = ["BuildError", "DockerImage", "PushError"]
