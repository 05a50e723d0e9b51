"""Rules that hold for every resource of a plan, whichever module it comes from.

Belongs here: what must never be created, whoever writes it. Stays out: what one module promises of
its own resources, which its `*.tftest.hcl` asserts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

#: Where Identity-Aware Proxy forwards from.
IAP = "35.235.240.0/20"
BASIC_ROLES = ("roles/owner", "roles/editor", "roles/viewer")
EVERYBODY = ("allUsers", "allAuthenticatedUsers")

Planned = dict[str, Any]
Rule = Callable[[str, str, Planned], Iterator[str]]


def _keys(kind: str, env: str, planned: Planned) -> Iterator[str]:
    if kind == "google_service_account_key":
        yield "makes a service-account key; let workflows sign in through the identity pools"
    if kind == "google_secret_manager_secret_version":
        yield "puts a secret's value into the state; add it with gcloud"


def _members(kind: str, env: str, planned: Planned) -> Iterator[str]:
    named = {planned.get("member"), *(planned.get("members") or [])}
    for access in planned.get("access") or []:
        named |= {access.get("iam_member"), access.get("special_group")}
    for public in sorted(named & set(EVERYBODY)):
        yield f"gives access to {public}; name the people or groups"


def _roles(kind: str, env: str, planned: Planned) -> Iterator[str]:
    if planned.get("role") in BASIC_ROLES:
        yield f"grants the basic role {planned['role']}; name the roles of the services"


def _machines(kind: str, env: str, planned: Planned) -> Iterator[str]:
    if kind != "google_compute_instance":
        return
    for interface in planned.get("network_interface") or []:
        if interface.get("access_config") or interface.get("ipv6_access_config"):
            yield "has an access_config, a public address; people come in through IAP"


def _firewalls(kind: str, env: str, planned: Planned) -> Iterator[str]:
    if kind == "google_compute_firewall" and planned.get("allow"):
        others = sorted(set(planned.get("source_ranges") or ["anywhere"]) - {IAP})
        if others:
            yield f"lets in {', '.join(others)}; only {IAP}, IAP, may come in"


def _buckets(kind: str, env: str, planned: Planned) -> Iterator[str]:
    if kind != "google_storage_bucket":
        return
    if [v.get("enabled") for v in planned.get("versioning") or []] != [True]:
        yield "keeps no old versions; set versioning { enabled = true }"
    if planned.get("uniform_bucket_level_access") is not True:
        yield "allows access lists on objects; set uniform_bucket_level_access = true"
    if planned.get("public_access_prevention") != "enforced":
        yield 'could become public; set public_access_prevention = "enforced"'


def _databases(kind: str, env: str, planned: Planned) -> Iterator[str]:
    if kind != "google_sql_database_instance":
        return
    settings = (planned.get("settings") or [{}])[0]
    network = (settings.get("ip_configuration") or [{}])[0]
    if network.get("ipv4_enabled") is not False:
        yield "has a public address; set ipv4_enabled = false"
    backups = (settings.get("backup_configuration") or [{}])[0]
    if backups.get("point_in_time_recovery_enabled") is not True:
        yield "can not be restored to a moment; set point_in_time_recovery_enabled = true"


def _lasting(kind: str, env: str, planned: Planned) -> Iterator[str]:
    if env != "prod":
        return
    for name in ("force_destroy", "delete_contents_on_destroy"):
        if planned.get(name) is True:
            yield f"has {name} = true in prod, where nothing is deleted with what it holds"
    if kind == "google_sql_database_instance" and planned.get("deletion_protection") is not True:
        yield "can be deleted in prod; set deletion_protection = true"


RULES: tuple[Rule, ...] = (
    _keys,
    _members,
    _roles,
    _machines,
    _firewalls,
    _buckets,
    _databases,
    _lasting,
)


def faults(env: str, plan: dict[str, Any]) -> list[str]:
    """What a plan breaks, one line each, led by the resource's address.

    Args:
        env: `dev` or `prod`.
        plan: the document of `terraform show -json`.
    """
    return [
        f"{change['address']} {fault}"
        for change in plan["resource_changes"]
        if change["mode"] == "managed" and change["change"]["after"] is not None
        for rule in RULES
        for fault in rule(change["type"], env, change["change"]["after"])
    ]
