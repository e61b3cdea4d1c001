"""The Helm chart: linted and rendered by Helm's own engine, and each manifest held against Kubernetes' own schemas."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import kubernetes_validate
import pytest
import yaml

helm: Any = pytest.importorskip("helm_python")  # Any: the module, which not every platform has

ROOT = Path(__file__).parents[3]
CHART = ROOT / "charts" / "ostinato"
VERSIONS = ("1.25.0", "1.31.0", "1.37.0")
"""Of Kubernetes: the oldest that the chart allows, one between, the newest that there are schemas of."""

Values = dict[str, Any]  # as YAML has them
Manifest = dict[str, Any]  # a Kubernetes object

GIVEN: Values = {
    "database": {"url": "postgresql+asyncpg://ostinato:p%40ss@postgres:5432/ostinato"},
    "redis": {"url": "redis://redis:6379/0"},
    "encryptionKey": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}
FULL: Values = GIVEN | {
    "image": {"registry": "registry.example.com/team/", "tag": "1.2.3"},
    "imagePullSecrets": [{"name": "pull"}],
    "authString": "admin:secret",
    "settings": {"OSTINATO_SERVER_LOGGING_LEVEL": "DEBUG", "OSTINATO_SERVICES_RETENTION_ENABLED": False},
    "metrics": {"enabled": True},
    "api": {"autoscaling": {"enabled": True}, "nodeSelector": {"pool": "a"}, "podAnnotations": {"a": "b"}},
    "scheduler": {"tolerations": [{"operator": "Exists"}], "affinity": {"nodeAffinity": {}}},
    "migrator": {"nodeSelector": {"pool": "a"}, "tolerations": [{"operator": "Exists"}]},
    "service": {"annotations": {"a": "b"}},
    "ingress": {
        "enabled": True,
        "className": "nginx",
        "hosts": ["ostinato.example.com", "o.example.com"],
        "tlsSecret": "tls",
    },
}
OWN_SECRET: Values = {"existingSecret": "mine"}


def render(values: Values) -> list[Manifest]:
    """Return the objects that an installation makes, hooks too."""
    with helm.Chart.load(str(CHART)) as chart:
        chart.validate_schema(values)
        files: dict[str, str] = chart.render(values, name="demo", namespace="prod")
    return [
        manifest
        for name, text in files.items()
        if name.endswith(".yaml")
        for manifest in yaml.safe_load_all(text)
        if manifest
    ]


def one(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    return next(item for item in manifests if (item["kind"], item["metadata"]["name"]) == (kind, name))


def pods(manifests: list[Manifest]) -> Iterator[Manifest]:
    yield from (item["spec"]["template"]["spec"] for item in manifests if item["kind"] in {"Deployment", "Job"})


def environment(manifests: list[Manifest], kind: str, name: str) -> dict[str, Any]:
    found = one(manifests, kind, name)["spec"]["template"]["spec"]["containers"][0]["env"]
    names = [item["name"] for item in found]
    assert len(names) == len(set(names))
    return {item["name"]: item.get("value") or item["valueFrom"]["secretKeyRef"] for item in found}


@pytest.mark.parametrize("values", [GIVEN, FULL, OWN_SECRET], ids=["given", "full", "own-secret"])
def test_lint(values: Values) -> None:
    report = helm.lint(str(CHART), values, strict=True, kube_version="v1.31.0")
    assert report["errors"] == []
    assert [message["error"] for message in report["messages"]] == ["icon is recommended"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("values", [GIVEN, FULL, OWN_SECRET], ids=["given", "full", "own-secret"])
def test_objects_fit_the_schemas_of_kubernetes(values: Values, version: str) -> None:
    for manifest in render(values):
        kubernetes_validate.validate(
            cast(Any, manifest), version, strict=True
        )  # Any: its own type is wider than it says


def test_what_an_installation_makes() -> None:
    made = sorted((item["kind"], item["metadata"]["name"]) for item in render(GIVEN))
    assert made == [
        ("Deployment", "demo-ostinato-api"),
        ("Deployment", "demo-ostinato-scheduler"),
        ("Job", "demo-ostinato-migrator"),
        ("PodDisruptionBudget", "demo-ostinato-api"),
        ("PodDisruptionBudget", "demo-ostinato-scheduler"),
        ("Secret", "demo-ostinato"),
        ("Secret", "demo-ostinato-migrator"),
        ("Service", "demo-ostinato"),
    ]


def test_all_that_can_be_switched_on() -> None:
    manifests = render(FULL)
    api = one(manifests, "Deployment", "demo-ostinato-api")["spec"]
    assert "replicas" not in api
    assert api["template"]["spec"]["containers"][0]["image"] == "registry.example.com/team/ostinato/api:1.2.3"
    assert api["template"]["metadata"]["annotations"]["prometheus.io/path"] == "/api/metrics"
    assert one(manifests, "HorizontalPodAutoscaler", "demo-ostinato-api")["spec"]["maxReplicas"] == 8
    ingress = one(manifests, "Ingress", "demo-ostinato")
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-read-timeout"] == "900"
    assert [rule["host"] for rule in ingress["spec"]["rules"]] == ingress["spec"]["tls"][0]["hosts"]
    found = environment(manifests, "Deployment", "demo-ostinato-api")
    assert found["OSTINATO_UI_URL"] == "https://ostinato.example.com"
    assert found["OSTINATO_SERVER_API_PROXIES"] == "1"
    assert found["OSTINATO_SERVICES_RETENTION_ENABLED"] == "false"


@pytest.mark.parametrize("values", [GIVEN, FULL, OWN_SECRET], ids=["given", "full", "own-secret"])
def test_pods_may_do_nothing_but_their_work(values: Values) -> None:
    for pod in pods(render(values)):
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["securityContext"]["runAsUser"] == 10001
        assert pod["automountServiceAccountToken"] is False
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"requests", "limits"} <= set(container["resources"])
        written = {volume["name"] for volume in pod["volumes"] if "emptyDir" in volume}
        assert {mount["name"] for mount in container["volumeMounts"]} == written


def test_the_ui_is_served_beside_the_api_unless_it_is_switched_off() -> None:
    manifests = render(FULL)
    pod = one(manifests, "Deployment", "demo-ostinato-api")["spec"]["template"]["spec"]
    (files,) = pod["initContainers"]
    assert files["image"] == "registry.example.com/team/ostinato/nginx:1.2.3"
    (target,) = (mount["mountPath"] for mount in files["volumeMounts"])
    assert files["command"][-1] == target
    found = environment(manifests, "Deployment", "demo-ostinato-api")
    assert (found["OSTINATO_SERVER_UI_ENABLED"], found["OSTINATO_SERVER_UI_FOLDER"]) == ("true", target)
    mounts = {mount["mountPath"]: mount for mount in pod["containers"][0]["volumeMounts"]}
    assert mounts[target] == {"name": files["volumeMounts"][0]["name"], "mountPath": target, "readOnly": True}
    for rule in one(manifests, "Ingress", "demo-ostinato")["spec"]["rules"]:
        assert [path["path"] for path in rule["http"]["paths"]] == ["/"]

    without = render(GIVEN | {"ui": {"enabled": False}})
    assert "initContainers" not in one(without, "Deployment", "demo-ostinato-api")["spec"]["template"]["spec"]
    assert environment(without, "Deployment", "demo-ostinato-api")["OSTINATO_SERVER_UI_ENABLED"] == "false"


def test_secrets_stand_in_secrets_only() -> None:
    manifests = render(FULL)
    others = yaml.safe_dump([item for item in manifests if item["kind"] != "Secret"])
    assert "p%40ss" not in others
    assert "admin:secret" not in others
    assert FULL["encryptionKey"] not in others
    data = one(manifests, "Secret", "demo-ostinato")["stringData"]
    for key in ("OSTINATO_API_DATABASE_CONNECTION_URL", "OSTINATO_REDIS_URL", "OSTINATO_ENCRYPTION_KEY"):
        reference = environment(manifests, "Deployment", "demo-ostinato-scheduler")[key]
        assert reference["name"] == "demo-ostinato"
        assert reference["key"] in data


def test_migrator_runs_before_all_else_with_what_is_there_by_then() -> None:
    for values, secret in ((GIVEN, "demo-ostinato-migrator"), (OWN_SECRET, "mine")):
        manifests = render(values)
        job = one(manifests, "Job", "demo-ostinato-migrator")
        assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
        found = environment(manifests, "Job", "demo-ostinato-migrator")
        assert found["OSTINATO_API_DATABASE_CONNECTION_URL"] == {"name": secret, "key": "database-url"}
        assert (secret == "mine") == (not any(item["kind"] == "Secret" for item in manifests))


def test_migrator_passes_by_a_pooler() -> None:
    direct = "postgresql+asyncpg://ostinato:p@postgres:5432/ostinato"
    manifests = render(GIVEN | {"database": {**GIVEN["database"], "migratorUrl": direct}})
    assert one(manifests, "Secret", "demo-ostinato-migrator")["stringData"] == {"database-url": direct}
    assert one(manifests, "Secret", "demo-ostinato")["stringData"]["database-url"] == GIVEN["database"]["url"]
    manifests = render(OWN_SECRET | {"migrator": {"databaseUrlKey": "direct"}})
    found = environment(manifests, "Job", "demo-ostinato-migrator")
    assert found["OSTINATO_API_DATABASE_CONNECTION_URL"] == {"name": "mine", "key": "direct"}


def test_selectors_find_their_pods_and_no_others() -> None:
    manifests = render(GIVEN)
    labels = {
        name: one(manifests, "Deployment", f"demo-ostinato-{name}")["spec"]["template"]["metadata"]["labels"].items()
        for name in ("api", "scheduler")
    }
    for name, other in (("api", "scheduler"), ("scheduler", "api")):
        for kind in ("Deployment", "PodDisruptionBudget"):
            wanted = one(manifests, kind, f"demo-ostinato-{name}")["spec"]["selector"]["matchLabels"].items()
            assert wanted <= labels[name]
            assert not wanted <= labels[other]
    service = one(manifests, "Service", "demo-ostinato")["spec"]
    assert service["selector"].items() <= labels["api"]
    assert not service["selector"].items() <= labels["scheduler"]


def test_probes_ask_the_services_own_endpoints() -> None:
    manifests = render(GIVEN)
    (api,) = one(manifests, "Deployment", "demo-ostinato-api")["spec"]["template"]["spec"]["containers"]
    assert api["livenessProbe"]["httpGet"]["path"] == "/api/health"
    assert api["readinessProbe"]["httpGet"]["path"] == "/api/ready"
    (scheduler,) = one(manifests, "Deployment", "demo-ostinato-scheduler")["spec"]["template"]["spec"]["containers"]
    assert scheduler["livenessProbe"]["exec"]["command"] == ["python", "-m", "ostinato_scheduler.healthcheck"]


REFUSED: list[tuple[Values, str]] = [
    ({}, "database.url is required"),
    (GIVEN | {"redis": {"url": ""}}, "redis.url is required"),
    (GIVEN | {"encryptionKey": ""}, "openssl rand -base64 32"),
    (GIVEN | OWN_SECRET, "leave database.url"),
    (GIVEN | {"ingress": {"enabled": True}}, "ingress.hosts is required"),
    (GIVEN | {"databse": {}}, "databse"),
    (GIVEN | {"database": {"url": "postgres://host/db"}}, "/database/url"),
    (GIVEN | {"authString": "no colon"}, "/authString"),
    (GIVEN | {"settings": {"LOG": "x"}}, "LOG"),
    (GIVEN | {"api": {"replicas": "two"}}, "/api/replicas"),
]


@pytest.mark.parametrize(("values", "reason"), REFUSED)
def test_values_that_cannot_be_are_refused_with_the_reason(values: Values, reason: str) -> None:
    with pytest.raises(helm.HelmError) as refused:
        render(values)
    assert reason in str(refused.value)
