"""A first flow: tasks, a sub-flow, a retry, a mapped task, and a failing task that is handled.

Start a server (`ostinato server start`), then run this file; `ostinato flow-run ls` shows what happened.
"""

from ostinato import flow, get_run_logger, task


@task
def greet(name: str) -> str:
    """Tasks are functions; each call is followed by the server."""
    return f"Hello, {name}!"


@task(retries=2, retry_delay_seconds=0.5)
def fetch_weather(city: str) -> str:
    """Fails at the first try, to show a retry."""
    if not _already_tried:
        _already_tried.append(city)
        raise ConnectionError("the weather service did not answer")
    return f"It is sunny in {city}."


@task
def measure(word: str) -> int:
    """Runs once for each item that it is mapped over, side by side in threads."""
    return len(word)


@task
def divide(a: int, b: int) -> float:
    """Fails if `b` is 0."""
    return a / b


@flow(log_prints=True)
def summarise(words: list[str]) -> int:
    """A flow called by a flow is a sub-flow, with a run of its own."""
    lengths = measure.map(words).result()
    print(f"{len(words)} words have {sum(lengths)} letters.")
    return sum(lengths)


@flow(log_prints=True)
def hello(name: str = "world") -> str:
    """Runs everything above."""
    logger = get_run_logger()

    greeting = greet(name)
    print(greeting)  # `log_prints` sends this to the server, too

    weather = fetch_weather.submit("Vienna")  # runs in a thread meanwhile
    letters = summarise(["allegro", "andante", "presto"])

    failed = divide(letters, 0, return_state=True)  # ask for the state, and a failure raises nothing
    if failed.is_failed():
        logger.warning("As expected, %s", failed.message)

    logger.info("The weather: %s", weather.result())
    return greeting


_already_tried: list[str] = []

if __name__ == "__main__":
    hello("Ostinato")
