"""The flows that the showcase really runs, a hundred times as fast as its pictures tell: `python flows.py NAME`."""

import sys
import time
from uuid import uuid4

from ostinato import flow, get_run_logger, pause_flow_run, task
from ostinato.artifacts import create_markdown_artifact, create_progress_artifact, create_table_artifact
from ostinato.input import RunInput

COUNTRIES = ("AT", "DE", "ES", "FR", "IT", "NL", "PL", "SE")


@task(task_run_name="extract-{country}")
def extract(country: str) -> int:
    """Take the orders of a country."""
    get_run_logger().info("Fetched orders of %s from https://shop.example.com/%s/orders", country, country.lower())
    time.sleep(0.2 + 0.05 * COUNTRIES.index(country))
    return 1000 + 37 * COUNTRIES.index(country)


@task
def convert(counts: list[int]) -> int:
    """Bring them into one currency."""
    get_run_logger().warning("No rate for PLN today; took the one of yesterday")
    time.sleep(0.4)
    return sum(counts)


@task(retries=1, retry_delay_seconds=0.1)
def load(rows: int) -> int:
    """Write them to the warehouse."""
    time.sleep(0.3)
    get_run_logger().info("Wrote %s rows to \x1b[36mwarehouse.revenue\x1b[0m", rows)
    return rows


@flow(name="quality-checks", log_prints=True)
def quality_checks(rows: int) -> None:
    """Look whether what was written can be true."""
    print(f"All 12 checks passed for {rows} rows")
    time.sleep(0.3)


@task
def report(rows: int) -> None:
    """Tell people."""
    create_markdown_artifact(
        key="revenue-report",
        markdown=f"# Revenue of yesterday\n\n{rows:,} orders from {len(COUNTRIES)} countries.\n\n"
        "| country | orders | change |\n|---|---|---|\n| DE | 1,037 | +4 % |\n| FR | 1,111 | -1 % |\n",
        description="What the board sees each morning",
    )
    create_table_artifact(key="orders-by-country", table=[{"country": each, "orders": 1000} for each in COUNTRIES])
    create_progress_artifact(progress=100.0, key="backfill")
    time.sleep(0.2)


@flow(name="daily-revenue", log_prints=True)
def daily_revenue(day: str = "yesterday", currency: str = "EUR") -> None:
    """Add up what was sold."""
    print(f"Adding up {day} in {currency}")
    found = extract.map(list(COUNTRIES))
    rows = load(convert([each.result() for each in found]))
    quality_checks(rows)
    report(rows)


@task
def fetch_invoices() -> list[str]:
    """Read what is to be sent."""
    time.sleep(0.3)
    return [uuid4().hex[:8] for _ in range(40)]


@task
def upload(invoices: list[str]) -> None:
    """Send it."""
    get_run_logger().info("Uploading %s invoices to sftp://files.example.com/inbox", len(invoices))
    time.sleep(0.5)
    raise ConnectionError("files.example.com:22 refused the connection: the host key has changed")


@flow(name="invoice-export")
def invoice_export(customer: str = "acme") -> None:
    """Send the invoices of a customer."""
    get_run_logger().info("Exporting the invoices of %s", customer)
    upload(fetch_invoices())


class Approval(RunInput):
    """What a person says of a model."""

    reviewer: str
    publish: bool = True
    note: str = ""


@flow(name="model-training", log_prints=True)
def model_training(epochs: int = 20) -> None:
    """Train, and ask before it goes out."""
    print(f"Trained {epochs} epochs: accuracy 0.947 (before: 0.941)")
    asked = Approval.with_initial_data(description="Accuracy rose from **0.941** to **0.947**. Publish the model?")
    pause_flow_run(wait_for_input=asked, timeout=86_400, poll_interval=1)


if __name__ == "__main__":
    {"daily-revenue": daily_revenue, "invoice-export": invoice_export, "model-training": model_training}[sys.argv[1]]()
