"""`python -m ostinato_api.print_openapi`: print the OpenAPI document, for those who generate code from it."""

import sys

from ostinato_api.app import all_routes
from ostinato_api.openapi import document
from ostinato_core.answer_json import dumps
from ostinato_core.environment import API_BASE_PATH


def main() -> int:
    """Print the document of this version, with the base path that is the default."""
    sys.stdout.write(dumps(document(all_routes(), API_BASE_PATH)).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
