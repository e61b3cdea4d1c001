"""`server maintenance on|off|status`, against a running server."""

import json
import subprocess
from collections.abc import Callable

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_maintenance_is_switched_on_and_off(background: Run) -> None:
    assert background("start", "-b").returncode == 0
    assert background("maintenance", "on", "-m", "Back soon.", "--retry-after", "7").returncode == 0
    seen = json.loads(background("maintenance", "status", "-o", "json").stdout)
    assert (seen["is_on"], seen["message"], seen["retry_after"]) == (True, "Back soon.", 7.0)
    assert "Back soon." in background("maintenance", "status").stdout
    assert background("status").returncode == 0
    assert background("maintenance", "off").stdout == "Maintenance is off.\n"
    assert background("maintenance", "status").stdout == "Maintenance is off.\n"


def test_server_that_is_away_is_told_of_with_the_remedy(background: Run) -> None:
    failed = background("maintenance", "on")
    assert failed.returncode == 1
    assert "ostinato server status" in failed.stderr
