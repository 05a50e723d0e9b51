"""The steps of the check, in the order in which they are worth reading.

Belongs here: one function a step; each gives the faults it found, one text each, and none when all
is well. Stays out: how they are reported.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from terraform.check.cut_schema import VERSION
from terraform.check.policies import faults
from terraform.check.workspace import Answer, Workspace

#: What checkov notes where a skip gives no reason.
NO_REASON = "No comment provided"

Run = Callable[[Workspace, str], list[str]]


@dataclass(frozen=True)
class Step:
    """One step.

    Args:
        name: its name in the report and for `--steps`.
        run: called once for each folder, or once with "" where `whole`.
        advice: what to do when it finds something.
        envs_only: whether modules are passed over.
        whole: whether it looks at the whole tree at once.
    """

    name: str
    run: Run
    advice: str
    envs_only: bool = False
    whole: bool = False


def _format(work: Workspace, folder: str) -> list[str]:
    answer = work.terraform(folder, "fmt", "-check", "-recursive")
    return [f"{line}: not in Terraform's form" for line in answer.out.split()] or _error(answer)


def _init(work: Workspace, folder: str) -> list[str]:
    if found := _error(work.terraform(folder, "init", "-input=false", "-no-color")):
        return found
    if not folder.startswith("envs/"):  # environments list what their modules want, too
        return []
    # The provider that answers here is of one version, whatever the code asks for.
    answer = work.terraform(folder, "providers")
    others = sorted(set(re.findall(r"hashicorp/google\] ?(.*)", answer.out)) - {VERSION})
    return _error(answer) + [
        f"{folder}: wants google {other or 'of any version'}; pin {VERSION}" for other in others
    ]


def _validate(work: Workspace, folder: str) -> list[str]:
    answer = work.terraform(folder, "validate", "-json")
    document: dict[str, Any] = json.loads(answer.out)
    return [_diagnostic(folder, found) for found in document["diagnostics"]]


def _plan(work: Workspace, folder: str) -> list[str]:
    options = ("-input=false", "-no-color", "-out=check.plan")
    if found := _error(work.terraform(folder, "plan", *options)):
        return found
    shown = work.terraform(folder, "show", "-json", "check.plan")
    (work.tree / folder / "plan.json").write_text(shown.out, encoding="utf-8")
    return []


def _policies(work: Workspace, folder: str) -> list[str]:
    plan = json.loads((work.tree / folder / "plan.json").read_text(encoding="utf-8"))
    return faults(folder.rpartition("/")[2], plan)


def _test(work: Workspace, folder: str) -> list[str]:
    if not any((work.tree / folder / "tests").glob("*.tftest.hcl")):
        return [f"{folder}: has no tests/*.tftest.hcl"]
    return _error(work.terraform(folder, "test", "-no-color"))


def _checkov(work: Workspace, folder: str) -> list[str]:
    command = [sys.executable, "-m", "checkov.main", "--directory", str(work.tree)]
    command += ["--skip-download", "--framework", "terraform", "--compact", "--output", "json"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=work.root,
    )
    try:
        document = json.loads(done.stdout)
    except json.JSONDecodeError:
        return [f"checkov gave no report: {(done.stderr or done.stdout)[-2000:]}"]
    summary = document["summary"]
    print(
        f"   checkov: {summary['passed']} passed, {summary['failed']} failed, "
        f"{summary['skipped']} skipped",
    )
    found = [
        f"{c['check_id']} {c['file_path']}: {c['resource']}: {c['check_name']}"
        for c in document["results"]["failed_checks"]
    ]
    unsaid = [
        f"{c['check_id']} {c['file_path']}: {c['resource']}: skipped without a reason"
        for c in document["results"]["skipped_checks"]
        if c["check_result"].get("suppress_comment") in (None, "", NO_REASON)
    ]
    return found + unsaid


def _error(answer: Answer) -> list[str]:
    return [f"{answer.out}\n{answer.err}".strip()] if answer.code else []


def _diagnostic(folder: str, found: dict[str, Any]) -> str:
    place = found.get("range")
    file = Path(folder, place["filename"]).as_posix() if place else folder
    line = f":{place['start']['line']}" if place else ""
    return f"{file}{line}: {found['summary']}: {found['detail']}".rstrip(": ")


STEPS = (
    Step("fmt", _format, "Run `terraform fmt -recursive terraform`.", whole=True),
    Step(
        "init",
        _init,
        "Fix source or required_providers; another version needs its schema: cut_schema.py.",
    ),
    Step("validate", _validate, "Fix the line; the provider's documentation has the arguments."),
    Step(
        "plan",
        _plan,
        "Fix the value; `terraform.tfvars.example` is what it was planned with.",
        envs_only=True,
    ),
    Step(
        "policies",
        _policies,
        "Fix the resource; terraform/check/policies.py has the rules.",
        envs_only=True,
    ),
    Step("test", _test, "Fix the resource, or the assertion where the promise has changed."),
    Step(
        "checkov",
        _checkov,
        "Fix the resource, or skip the check with its reason beside it.",
        whole=True,
    ),
)
