"""Every method of the clients, by noun. Both clients inherit them; each is defined once, as a plan."""

from ostinato.client.operation import Operation
from ostinato.client.plans import (
    admin,
    artifacts,
    automations,
    block_documents,
    block_types,
    concurrency,
    deployments,
    flow_run_inputs,
    flow_runs,
    flows,
    logs,
    states,
    task_runs,
    variables,
    work_pools,
    work_queues,
)


class Operations:
    """The methods that a sync and an async client have in common."""

    request = Operation(admin.request)
    hello = Operation(admin.hello)
    api_healthcheck = Operation(admin.api_healthcheck)
    api_version = Operation(admin.api_version)
    read_server_settings = Operation(admin.read_server_settings)
    read_server_default_result_storage = Operation(admin.read_server_default_result_storage)
    update_server_default_result_storage = Operation(admin.update_server_default_result_storage)
    clear_server_default_result_storage = Operation(admin.clear_server_default_result_storage)

    create_flow = Operation(flows.create_flow)
    create_flow_from_name = Operation(flows.create_flow_from_name)
    read_flow = Operation(flows.read_flow)
    read_flow_by_name = Operation(flows.read_flow_by_name)
    read_flows = Operation(flows.read_flows)
    count_flows = Operation(flows.count_flows)
    delete_flow = Operation(flows.delete_flow)

    create_flow_run = Operation(flow_runs.create_flow_run)
    create_flow_run_from_body = Operation(flow_runs.create_flow_run_from_body)
    read_flow_run = Operation(flow_runs.read_flow_run)
    explain_flow_run = Operation(flow_runs.explain_flow_run)
    read_flow_runs = Operation(flow_runs.read_flow_runs)
    count_flow_runs = Operation(flow_runs.count_flow_runs)
    update_flow_run = Operation(flow_runs.update_flow_run)
    update_flow_run_labels = Operation(flow_runs.update_flow_run_labels)
    set_flow_run_name = Operation(flow_runs.set_flow_run_name)
    resume_flow_run = Operation(flow_runs.resume_flow_run)
    delete_flow_run = Operation(flow_runs.delete_flow_run)
    set_flow_run_state = Operation(states.set_flow_run_state)
    read_flow_run_state = Operation(states.read_flow_run_state)
    read_flow_run_states = Operation(states.read_flow_run_states)
    create_flow_run_input = Operation(flow_run_inputs.create_flow_run_input)
    filter_flow_run_input = Operation(flow_run_inputs.filter_flow_run_input)
    read_flow_run_input = Operation(flow_run_inputs.read_flow_run_input)
    delete_flow_run_input = Operation(flow_run_inputs.delete_flow_run_input)

    create_task_run = Operation(task_runs.create_task_run)
    create_task_run_from_body = Operation(task_runs.create_task_run_from_body)
    read_task_run = Operation(task_runs.read_task_run)
    read_task_runs = Operation(task_runs.read_task_runs)
    count_task_runs = Operation(task_runs.count_task_runs)
    set_task_run_name = Operation(task_runs.set_task_run_name)
    delete_task_run = Operation(task_runs.delete_task_run)
    set_task_run_state = Operation(states.set_task_run_state)
    read_task_run_states = Operation(states.read_task_run_states)

    create_logs = Operation(logs.create_logs)
    read_logs = Operation(logs.read_logs)
    create_events = Operation(logs.create_events)
    read_events = Operation(logs.read_events)
    read_events_page = Operation(logs.read_events_page)

    create_deployment = Operation(deployments.create_deployment)
    update_deployment = Operation(deployments.update_deployment)
    read_deployment = Operation(deployments.read_deployment)
    read_deployment_by_name = Operation(deployments.read_deployment_by_name)
    read_deployments = Operation(deployments.read_deployments)
    delete_deployment = Operation(deployments.delete_deployment)
    set_deployment_paused_state = Operation(deployments.set_deployment_paused_state)
    pause_deployment = Operation(deployments.pause_deployment)
    resume_deployment = Operation(deployments.resume_deployment)
    create_deployment_schedules = Operation(deployments.create_deployment_schedules)
    read_deployment_schedules = Operation(deployments.read_deployment_schedules)
    update_deployment_schedule = Operation(deployments.update_deployment_schedule)
    delete_deployment_schedule = Operation(deployments.delete_deployment_schedule)
    create_flow_run_from_deployment = Operation(deployments.create_flow_run_from_deployment)
    get_scheduled_flow_runs_for_deployments = Operation(deployments.get_scheduled_flow_runs_for_deployments)

    create_work_pool = Operation(work_pools.create_work_pool)
    read_work_pool = Operation(work_pools.read_work_pool)
    read_work_pools = Operation(work_pools.read_work_pools)
    update_work_pool = Operation(work_pools.update_work_pool)
    delete_work_pool = Operation(work_pools.delete_work_pool)
    read_workers_for_work_pool = Operation(work_pools.read_workers_for_work_pool)
    send_worker_heartbeat = Operation(work_pools.send_worker_heartbeat)
    get_scheduled_flow_runs_for_work_pool = Operation(work_pools.get_scheduled_flow_runs_for_work_pool)
    read_worker_metadata = Operation(work_pools.read_worker_metadata)
    create_work_queue = Operation(work_pools.create_work_queue)
    read_work_queue = Operation(work_pools.read_work_queue)
    read_work_queue_by_name = Operation(work_pools.read_work_queue_by_name)
    read_work_queues = Operation(work_pools.read_work_queues)
    read_work_queue_status = Operation(work_pools.read_work_queue_status)
    read_work_pool_concurrency_status = Operation(work_pools.read_work_pool_concurrency_status)
    read_work_queue_concurrency_status = Operation(work_pools.read_work_queue_concurrency_status)
    get_scheduled_flow_runs_for_work_queue = Operation(work_pools.get_scheduled_flow_runs_for_work_queue)
    match_work_queues = Operation(work_queues.match_work_queues)
    get_runs_in_work_queue = Operation(work_queues.get_runs_in_work_queue)
    update_work_queue = Operation(work_pools.update_work_queue)
    delete_work_queue_by_id = Operation(work_pools.delete_work_queue_by_id)

    create_block_type = Operation(block_types.create_block_type)
    read_block_type_by_slug = Operation(block_types.read_block_type_by_slug)
    read_block_types = Operation(block_types.read_block_types)
    update_block_type = Operation(block_types.update_block_type)
    delete_block_type = Operation(block_types.delete_block_type)
    create_block_schema = Operation(block_types.create_block_schema)
    read_block_schema_by_checksum = Operation(block_types.read_block_schema_by_checksum)
    read_block_schemas = Operation(block_types.read_block_schemas)
    get_most_recent_block_schema_for_block_type = Operation(block_types.get_most_recent_block_schema_for_block_type)

    create_block_document = Operation(block_documents.create_block_document)
    update_block_document = Operation(block_documents.update_block_document)
    delete_block_document = Operation(block_documents.delete_block_document)
    read_block_document = Operation(block_documents.read_block_document)
    read_block_document_by_name = Operation(block_documents.read_block_document_by_name)
    read_block_documents = Operation(block_documents.read_block_documents)
    read_block_documents_by_type = Operation(block_documents.read_block_documents_by_type)
    read_block_data = Operation(block_documents.read_block_data)
    read_block_document_data = Operation(block_documents.read_block_document_data)

    create_variable = Operation(variables.create_variable)
    read_variable_by_name = Operation(variables.read_variable_by_name)
    read_variable_value = Operation(variables.read_variable_value)
    read_variables = Operation(variables.read_variables)
    update_variable = Operation(variables.update_variable)
    delete_variable = Operation(variables.delete_variable)
    delete_variable_by_name = Operation(variables.delete_variable_by_name)

    create_artifact = Operation(artifacts.create_artifact)
    update_artifact = Operation(artifacts.update_artifact)
    read_artifact = Operation(artifacts.read_artifact)
    read_artifacts = Operation(artifacts.read_artifacts)
    read_latest_artifacts = Operation(artifacts.read_latest_artifacts)
    delete_artifact = Operation(artifacts.delete_artifact)

    create_global_concurrency_limit = Operation(concurrency.create_global_concurrency_limit)
    read_global_concurrency_limit_by_name = Operation(concurrency.read_global_concurrency_limit_by_name)
    read_global_concurrency_limits = Operation(concurrency.read_global_concurrency_limits)
    update_global_concurrency_limit = Operation(concurrency.update_global_concurrency_limit)
    delete_global_concurrency_limit_by_name = Operation(concurrency.delete_global_concurrency_limit_by_name)
    upsert_global_concurrency_limit_by_name = Operation(concurrency.upsert_global_concurrency_limit_by_name)
    increment_concurrency_slots = Operation(concurrency.increment_concurrency_slots)
    increment_concurrency_slots_with_lease = Operation(concurrency.increment_concurrency_slots_with_lease)
    renew_concurrency_lease = Operation(concurrency.renew_concurrency_lease)
    release_concurrency_slots = Operation(concurrency.release_concurrency_slots)
    release_concurrency_slots_with_lease = Operation(concurrency.release_concurrency_slots_with_lease)
    create_concurrency_limit = Operation(concurrency.create_concurrency_limit)
    read_concurrency_limit_by_tag = Operation(concurrency.read_concurrency_limit_by_tag)
    read_concurrency_limits = Operation(concurrency.read_concurrency_limits)
    reset_concurrency_limit_by_tag = Operation(concurrency.reset_concurrency_limit_by_tag)
    delete_concurrency_limit_by_tag = Operation(concurrency.delete_concurrency_limit_by_tag)

    create_automation = Operation(automations.create_automation)
    update_automation = Operation(automations.update_automation)
    read_automation = Operation(automations.read_automation)
    read_automations = Operation(automations.read_automations)
    read_automations_by_name = Operation(automations.read_automations_by_name)
    find_automation = Operation(automations.find_automation)
    pause_automation = Operation(automations.pause_automation)
    resume_automation = Operation(automations.resume_automation)
    delete_automation = Operation(automations.delete_automation)
    read_resource_related_automations = Operation(automations.read_resource_related_automations)
    delete_resource_owned_automations = Operation(automations.delete_resource_owned_automations)
