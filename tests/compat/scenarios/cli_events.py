"""`prefect events stream` prints what `prefect events emit` (or the SDK, for older clients) sends."""

from pathlib import Path

from _tools import PROGRAM, VERSION, api, background, cli, note, program, unique, wait_until
from prefect.events import emit_event
from prefect.events.worker import EventsWorker


def send(name, resource):
    """Emit by the command where the client has it."""
    if VERSION >= (3, 4, 12):
        cli("events", "emit", name, "--resource-id", resource, "--payload", '{"n": 1}')
    else:
        if not noted:
            note("this client has no `events emit`; sent by emit_event")
            noted.append(True)
        emit_event(name, resource={"prefect.resource.id": resource}, payload={"n": 1})
        EventsWorker.instance().drain()


noted = []

if __name__ == "__main__":
    name, resource = unique("compat.cli"), unique("compat.thing")
    with background(program(PROGRAM), "events", "stream", "--format", "json", name="stream"):

        def streamed():
            send(name, resource)
            return name in Path("stream.log").read_text()

        wait_until(streamed, "the event is streamed", 40)
    wanted = {"filter": {"event": {"name": [name]}, "occurred": {"since": "2020-01-01T00:00:00Z"}}}
    page = wait_until(
        lambda: found if (found := api("POST", "/events/filter", wanted))["total"] else None, "it is kept"
    )
    assert page["events"][0]["resource"]["prefect.resource.id"] == resource, page
    assert page["events"][0]["payload"] == {"n": 1}, page
