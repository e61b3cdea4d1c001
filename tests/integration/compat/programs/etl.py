"""An ordinary program of the reference SDK; it knows nothing of Ostinato. Prints the ids of its flow runs as JSON."""

import json

from prefect import flow, get_run_logger, runtime, task

ids = {}


@task
def extract(source):
    get_run_logger().info("reading %s", source)
    return [1, 2, 3]


@task
def double(number):
    return 2 * number


@task(retries=2, retry_delay_seconds=0)
def flaky():
    if runtime.task_run.run_count < 3:
        raise ConnectionError("not yet")
    return "at last"


@task(tags=["fragile"])
def broken():
    raise ValueError("no such column")


@task
async def whisper(word):
    return word.lower()


@flow(log_prints=True)
def summarise(numbers):
    ids["subflow"] = runtime.flow_run.id
    print(f"the sum is {sum(numbers)}")
    return sum(numbers)


@flow(retries=1, retry_delay_seconds=0)
def second_time_lucky():
    ids["retried"] = runtime.flow_run.id
    if runtime.flow_run.run_count == 1:
        raise RuntimeError("the first time fails")
    return "ok"


@flow
async def asynchronous():
    ids["asynchronous"] = runtime.flow_run.id
    return await whisper("LOUD")


@flow
def doomed():
    ids["doomed"] = runtime.flow_run.id
    broken()


@flow(name="etl", flow_run_name="etl-of-{source}", log_prints=True)
def etl(source):
    ids["etl"] = runtime.flow_run.id
    numbers = extract(source)
    doubled = double.map(numbers)
    late = double.submit(21, wait_for=[doubled])
    failed = broken(return_state=True)
    assert failed.is_failed()
    print(f"a task failed, as expected: {failed.message}")
    assert flaky() == "at last"
    return summarise([future.result() for future in doubled]) + late.result()


if __name__ == "__main__":
    import asyncio

    assert etl("orders") == 54
    assert second_time_lucky() == "ok"
    assert asyncio.run(asynchronous()) == "loud"
    assert doomed(return_state=True).is_failed()
    print("IDS " + json.dumps(ids))
