"""Collections views."""

from tests.support.client import Api


async def test_the_worker_view_names_the_template_of_each_type(api: Api) -> None:
    view = (await api.get("/collections/views/aggregate-worker-metadata")).json

    process = view["prefect"]["process"]
    assert process["type"] == "process"
    assert process["default_base_job_configuration"]["job_configuration"]["command"] == "{{ command }}"


async def test_an_unknown_view_is_not_found(api: Api) -> None:
    answer = await api.get("/collections/views/nope")

    assert (answer.status, answer.json) == (404, {"detail": "View nope not found in registry"})
