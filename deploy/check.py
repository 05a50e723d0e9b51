"""What `make deploy-check` checks: image, composition, chart values and workflows.

Belongs here: calling the linters of `.venv-tools`, and rules of this project that no linter knows.
Stays out: anything that needs a container engine or the network.

    python deploy/check.py [folder [check]]     # the checkout, or a copy of it; all checks, or one
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

TOOLS = Path(sys.executable).parent
BASE = "${PYTHON_IMAGE}${PYTHON_DIGEST:+@${PYTHON_DIGEST}}"
PUBLISHED = re.compile(r"127\.0\.0\.1:(\d+|\$\{\w+:-\d+\}):\d+")
EXACT = re.compile(
    r"[\w./-]+:[\w.-]*\d[\w.-]*|[\w./-]+@sha256:[0-9a-f]{64}|ecommerce-lakehouse:local"
)

#: The findings of one check; none is a pass.
Check = Callable[[Path], list[str]]


def _tool(root: Path, *arguments: str) -> list[str]:
    done = subprocess.run(
        [str(TOOLS / arguments[0]), *arguments[1:]], cwd=root, capture_output=True, text=True
    )
    return [] if done.returncode == 0 else (done.stdout + done.stderr).strip().splitlines()


def _workflows(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.glob(".github/workflows/*.y*ml"))


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def hadolint(root: Path) -> list[str]:
    """The Dockerfile's linter; every finding counts."""
    return _tool(root, "hadolint", "--no-color", "Dockerfile")


def recipe(root: Path) -> list[str]:
    """Each stage starts from the base image by digest, and the last one runs as a numbered user."""
    lines = re.sub(r"\\\n", " ", (root / "Dockerfile").read_text(encoding="utf-8")).splitlines()
    words = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    found = []
    for image in (each[1] for each in words if each[0] == "FROM"):
        if image != BASE:
            found.append(f"FROM {image}: not the pinned base, write FROM {BASE}")
    default = [each[1] for each in words if each[0] == "ARG" and "=" in each[1]]
    for name, _, image in (each.partition("=") for each in default):
        if name == "PYTHON_IMAGE" and not EXACT.fullmatch(image):
            found.append(f"PYTHON_IMAGE={image}: name a version, not a moving tag")
    last = max(at for at, each in enumerate(words) if each[0] == "FROM")
    users = [each[1] for each in words[last:] if each[0] == "USER"]
    if not users or not re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1]):
        found.append(f"USER {users[-1] if users else 'root'}: write numbers that are not 0")
    if not any(each[0] == "HEALTHCHECK" and each[1] != "NONE" for each in words[last:]):
        found.append("the image has no HEALTHCHECK")
    return found


def compose_schema(root: Path) -> list[str]:
    """Names and types of the composition, after the Compose specification."""
    return _tool(
        root, "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yaml"
    )


def compose_rules(root: Path) -> list[str]:
    """Every service is shut in: own address only, no privileges, limits, a health check."""
    found = []
    for name, service in _yaml(root / "docker-compose.yaml")["services"].items():
        wrong = [
            f"publishes {port}: bind it to 127.0.0.1"
            for port in service.get("ports", ())
            if not PUBLISHED.fullmatch(str(port))
        ]
        wrong += [f"has {key}" for key in ("network_mode", "privileged", "pid") if key in service]
        if service.get("cap_drop") != ["ALL"] or service.get("cap_add"):
            wrong.append("keeps capabilities: cap_drop: [ALL]")
        if "no-new-privileges:true" not in service.get("security_opt", ()):
            wrong.append("may gain privileges: no-new-privileges:true")
        if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", str(service.get("user"))):
            wrong.append("runs as root or as a name: user: number:number")
        if not service.get("read_only") and name != "kafka":
            wrong.append("writes outside its volumes: read_only: true")
        if "healthcheck" not in service:
            wrong.append("has no healthcheck")
        limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
        wrong += [
            f"has no limit of {key}" for key in ("cpus", "memory", "pids") if key not in limits
        ]
        image = re.fullmatch(r"\$\{\w+_IMAGE:-(.+)\}", service.get("image", ""))
        if not image or not EXACT.fullmatch(image[1]):
            wrong.append("has an image that no variable pins: ${NAME_IMAGE:-name:version}")
        wrong += [
            f"holds {key} in the file: pass it as a secret"
            for key, value in service.get("environment", {}).items()
            if re.search("PASSWORD|KEY|TOKEN", key) and not key.endswith("_FILE") and value
        ]
        found += [f"service {name} {each}" for each in wrong]
    return found


def chart_values(root: Path) -> list[str]:
    """Every name in the values is one that the Dagster chart knows."""
    known = _yaml(root / "deploy/helm/names.yaml")
    return list(_unknown(_yaml(root / "deploy/helm/values.yaml"), known, ""))


def _unknown(values: Any, known: Any, where: str) -> Iterator[str]:
    if known is True:
        return
    if isinstance(known, list):
        for number, each in enumerate(values):
            yield from _unknown(each, known[0], f"{where}[{number}]")
        return
    for name, value in (values or {}).items():
        if name not in known:
            yield f"{where}.{name}: the chart has no such name".lstrip(".")
        else:
            yield from _unknown(value, known[name], f"{where}.{name}")


def workflow_schema(root: Path) -> list[str]:
    """Names and types of the workflows; each job has a time limit."""
    found = []
    for schema in ("vendor.github-workflows", "custom.github-workflows-require-timeout"):
        found += _tool(root, "check-jsonschema", "--builtin-schema", schema, *_workflows(root))
    return found


def zizmor(root: Path) -> list[str]:
    """Security of the workflows: permissions, pins, injection, triggers; offline."""
    arguments = ("--offline", "--no-progress", "--color=never", "--strict-collection", "--quiet")
    return _tool(root, "zizmor", *arguments, *_workflows(root))


def workflow_rules(root: Path) -> list[str]:
    """No trigger that hands credentials to forks; every workflow limits itself to one at a time."""
    found = []
    for name in _workflows(root):
        workflow = _yaml(root / name)
        triggers = workflow.get(True, workflow.get("on", {}))  # YAML 1.1 reads `on` as true
        if "pull_request_target" in triggers or "workflow_run" in triggers:
            found.append(f"{name}: a trigger that runs a fork's code with credentials")
        if workflow.get("permissions") not in ({}, {"contents": "read"}):
            found.append(f"{name}: permissions of the workflow are more than contents: read")
        if "concurrency" not in workflow:
            found.append(f"{name}: no concurrency")
    return found


CHECKS: dict[str, Check] = {
    "Dockerfile: hadolint": hadolint,
    "Dockerfile: base, user, health": recipe,
    "docker-compose.yaml: schema": compose_schema,
    "docker-compose.yaml: services shut in": compose_rules,
    "deploy/helm/values.yaml: names": chart_values,
    "workflows: schema, time limits": workflow_schema,
    "workflows: zizmor": zizmor,
    "workflows: triggers, permissions": workflow_rules,
}


def main(root: Path, names: list[str]) -> int:
    """Print a line a check and what it found; the number of checks that failed."""
    failed = 0
    for name in names:
        check = CHECKS[name]
        findings = check(root)
        lines = [
            f"{'FAIL' if findings else 'ok':4}  {name}",
            *(f"      {each}" for each in findings),
        ]
        sys.stdout.write("\n".join(lines) + "\n")
        failed += bool(findings)
    return failed


if __name__ == "__main__":
    folder, *chosen = sys.argv[1:] or ["."]
    sys.exit(1 if main(Path(folder).resolve(), chosen or list(CHECKS)) else 0)
