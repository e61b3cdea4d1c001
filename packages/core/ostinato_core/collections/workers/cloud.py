"""Workers that run flow runs as containers of AWS and Azure."""

from ostinato_core.collections.workers.blocks import block_definitions
from ostinato_core.collections.workers.template import WorkerType, mapping, reference, slot, slots, texts, variable
from ostinato_core.states.rows import JsonDict

_PARAMETER_FILE = "https://schema.management.azure.com/schemas/2019-08-01/deploymentTemplate.json#"
"""What Azure's resource manager asks for as `$schema` of a template."""


def ecs() -> WorkerType:
    """Return the worker that starts a task of AWS ECS for each flow run."""
    strategy = {
        "type": "object",
        "title": "CapacityProvider",
        "properties": {
            "capacityProvider": {"type": "string"},
            "weight": {"type": "integer"},
            "base": {"type": "integer"},
        },
        "required": ["capacityProvider", "weight", "base"],
    }
    return WorkerType(
        type="ecs",
        package="prefect-aws",
        display_name="AWS Elastic Container Service",
        description="Each flow run is a task of AWS ECS, on Fargate or on EC2.",
        variables=_ecs_variables(),
        job=_ecs_job(),
        definitions={**block_definitions("aws-credentials"), "CapacityProvider": strategy},
    )


def _ecs_variables() -> dict[str, JsonDict]:
    launch = ["FARGATE", "EC2", "EXTERNAL", "FARGATE_SPOT"]
    provider = {"$ref": "#/definitions/CapacityProvider"}
    return {
        "task_definition_arn": variable("string", "Task definition", "An existing one, in place of a new one."),
        "aws_credentials": reference("AwsCredentials", "Credentials", "Access to AWS; by default the worker's own."),
        "cluster": variable("string", "Cluster", "Name or ARN of the cluster."),
        "family": variable("string", "Family", "Family of the task definition."),
        "launch_type": variable("string", "Launch type", "On what the task runs.", enum=launch, default="FARGATE"),
        "capacity_provider_strategy": variable("array", "Capacity providers", "Where tasks may run.", items=provider),
        "image": variable("string", "Image", "Image of the container; it must hold the flow's packages."),
        "cpu": variable("integer", "CPU", "CPU units of the task; 1024 are one core."),
        "memory": variable("integer", "Memory", "Memory of the task, in MiB."),
        "container_name": variable("string", "Container", "Name of the container in the task definition."),
        "task_role_arn": variable("string", "Task role", "Role that the flow run has."),
        "execution_role_arn": variable("string", "Execution role", "Role by which ECS pulls images and writes logs."),
        "vpc_id": variable("string", "VPC", "Network of the task; by default the account's default."),
        "configure_cloudwatch_logs": variable("boolean", "CloudWatch", "Send what the run prints to CloudWatch."),
        "cloudwatch_logs_options": mapping("CloudWatch options", "Options of the log driver."),
        "cloudwatch_logs_prefix": variable("string", "CloudWatch prefix", "Prefix of the log stream."),
        "network_configuration": variable("object", "Network", "The network configuration, as ECS has it."),
        "stream_output": variable("boolean", "Stream output", "Print what the run prints."),
        "task_start_timeout_seconds": variable(
            "integer", "Start time-out", "Seconds that a task may take to start.", default=300
        ),
        "task_watch_poll_interval": variable(
            "number", "Poll interval", "Seconds between looks at a task.", default=5.0
        ),
        "auto_deregister_task_definition": variable(
            "boolean", "Deregister", "Deregister the task definition when the task has ended.", default=False
        ),
        "match_latest_revision_in_family": variable(
            "boolean", "Reuse", "Reuse the newest definition of the family where it is the same.", default=False
        ),
    }


def _ecs_job() -> JsonDict:
    override = {
        "name": slot("container_name"),
        "command": slot("command"),
        "environment": slot("env"),
        **slots("cpu", "memory"),
    }
    return {
        **slots("aws_credentials", "configure_cloudwatch_logs", "cloudwatch_logs_options", "cloudwatch_logs_prefix"),
        **slots("network_configuration", "stream_output", "task_start_timeout_seconds", "task_watch_poll_interval"),
        **slots("auto_deregister_task_definition", "vpc_id", "container_name", "cluster"),
        **slots("match_latest_revision_in_family"),
        "task_definition": {
            "containerDefinitions": [{"image": slot("image"), "name": slot("container_name")}],
            **slots("cpu", "family", "memory"),
            "executionRoleArn": slot("execution_role_arn"),
        },
        "task_run_request": {
            "launchType": slot("launch_type"),
            "cluster": slot("cluster"),
            "overrides": {
                "containerOverrides": [override],
                **slots("cpu", "memory"),
                "taskRoleArn": slot("task_role_arn"),
            },
            "tags": slot("labels"),
            "taskDefinition": slot("task_definition_arn"),
            "capacityProviderStrategy": slot("capacity_provider_strategy"),
        },
    }


def azure_container_instance() -> WorkerType:
    """Return the worker that starts a container instance of Azure for each flow run."""
    identity = {
        "type": "object",
        "title": "ACRManagedIdentity",
        "properties": {"registry_url": {"type": "string"}, "identity": {"type": "string"}},
        "required": ["registry_url", "identity"],
    }
    slugs = ("docker-registry-credentials", "azure-container-instance-credentials")
    return WorkerType(
        type="azure-container-instance",
        package="prefect-azure",
        display_name="Azure Container Instances",
        description="Each flow run is a container instance of Azure.",
        variables=_azure_variables(),
        job=_azure_job(),
        required=("resource_group_name", "subscription_id"),
        definitions={**block_definitions(*slugs), "ACRManagedIdentity": identity},
    )


def _azure_variables() -> dict[str, JsonDict]:
    registries = [{"$ref": "#/definitions/DockerRegistryCredentials"}, {"$ref": "#/definitions/ACRManagedIdentity"}]
    secret = {"format": "password", "writeOnly": True}
    return {
        "image": variable("string", "Image", "Image of the container; it must hold the flow's packages."),
        "resource_group_name": variable("string", "Resource group", "Group in which containers are made."),
        "subscription_id": variable("string", "Subscription", "Id of the Azure subscription.", **secret),
        "identities": texts("Identities", "Identities that the container has."),
        "entrypoint": variable("string", "Entry point", "Entry point of the image."),
        "image_registry": {"anyOf": registries, "title": "Registry", "description": "Access to the image's registry."},
        "cpu": variable("number", "CPU", "Cores of the container.", default=1.0),
        "gpu_count": variable("integer", "GPUs", "How many GPUs the container has."),
        "gpu_sku": variable("string", "GPU model", "Which GPU the container has."),
        "memory": variable("number", "Memory", "Memory of the container, in GB.", default=1.0),
        "subnet_ids": texts("Subnets", "Subnets that the container is in."),
        "dns_servers": texts("DNS servers", "Name servers that the container asks."),
        "aci_credentials": reference(
            "AzureContainerInstanceCredentials", "Credentials", "Access to Azure; by default the worker's own."
        ),
        "stream_output": variable("boolean", "Stream output", "Print what the run prints.", default=False),
        "task_start_timeout_seconds": variable(
            "integer", "Start time-out", "Seconds that a container may take to start.", default=240
        ),
        "task_watch_poll_interval": variable(
            "number", "Poll interval", "Seconds between looks at a container.", default=5.0
        ),
    }


def _azure_job() -> JsonDict:
    container = {
        "image": slot("image"),
        "command": slot("command"),
        "resources": {"requests": {"cpu": slot("cpu"), "memoryInGB": slot("memory")}},
        "environmentVariables": list[JsonDict](),
    }
    unique = {"type": "string", "defaultValue": "[uniqueString(resourceGroup().id)]"}
    group = {
        "type": "Microsoft.ContainerInstance/containerGroups",
        "apiVersion": "2022-09-01",
        "name": "[parameters('container_group_name')]",
        "location": "[parameters('location')]",
        "properties": {
            "containers": [{"name": "[parameters('container_name')]", "properties": container}],
            "osType": "Linux",
            "restartPolicy": "Never",
        },
    }
    parameters = {
        "location": {"type": "string", "defaultValue": "[resourceGroup().location]"},
        "container_group_name": unique,
        "container_name": unique,
    }
    return {
        **slots("image", "resource_group_name", "subscription_id", "identities", "entrypoint", "image_registry"),
        **slots("cpu", "gpu_count", "gpu_sku", "memory", "subnet_ids", "dns_servers", "stream_output"),
        **slots("aci_credentials", "task_start_timeout_seconds", "task_watch_poll_interval"),
        "arm_template": {
            "$schema": _PARAMETER_FILE,
            "contentVersion": "1.0.0.0",
            "parameters": parameters,
            "resources": [group],
        },
    }
