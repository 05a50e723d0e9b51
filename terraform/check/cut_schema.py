"""Cut the schema of the resources used here out of the PyPI package of hashicorp/google.

Run it when a module uses a resource that `google_schema.json` does not have:

    pip download --no-deps cdktf-cdktf-provider-google==16.12.1 -d FOLDER
    python -m terraform.check.cut_schema FOLDER/cdktf_cdktf_provider_google-*.whl

The package is generated from the provider 6.50.0 (Mozilla Public License 2.0) and tells for every
argument its type and whether it must be given. It does not tell which optional arguments the
provider fills in by itself; the outermost ones are all taken to be such.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

VERSION = "6.50.0"
SCHEMA = Path(__file__).with_name("google_schema.json")

#: Those in use, and a few that are not, so that what must not be is refused by its own rule.
RESOURCES = [
    "artifact_registry_repository",
    "artifact_registry_repository_iam_member",
    "bigquery_dataset",
    "bigquery_dataset_iam_member",
    "billing_budget",
    "compute_firewall",
    "compute_global_address",
    "compute_instance",
    "compute_instance_iam_member",
    "compute_network",
    "compute_router",
    "compute_router_nat",
    "compute_subnetwork",
    "iam_workload_identity_pool",
    "iam_workload_identity_pool_provider",
    "iap_tunnel_instance_iam_member",
    "logging_metric",
    "monitoring_alert_policy",
    "monitoring_notification_channel",
    "project_iam_audit_config",
    "project_iam_binding",
    "project_iam_member",
    "project_service",
    "secret_manager_secret",
    "secret_manager_secret_iam_member",
    "secret_manager_secret_version",
    "service_account",
    "service_account_iam_member",
    "service_account_key",
    "service_networking_connection",
    "sql_database",
    "sql_database_instance",
    "sql_user",
    "storage_bucket",
    "storage_bucket_iam_binding",
    "storage_bucket_iam_member",
]
DATA_SOURCES = ["project"]

TYPES: dict[str, Any] = {
    "string": "string",
    "number": "number",
    "boolean": "bool",
    "any": "dynamic",
    "stringList": ["list", "string"],
    "numberList": ["list", "number"],
    "stringMap": ["map", "string"],
    "numberMap": ["map", "number"],
    "booleanMap": ["map", "bool"],
}
GETTERS = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
}
ARGUMENT = re.compile(
    r"\n\s+(\w+): \{\n\s+value: (.*?),\n\s+isBlock: (true|false),\n"
    r'\s+type: "(\w+)",\n\s+storageClassType: "(\w+)",',
    re.DOTALL,
)
COMPUTED = re.compile(r"return this\.(get\w+Attribute)\('(\w+)'\)")
COMPUTED_MAP = re.compile(r"new cdktf\.StringMap\(this, [\"'](\w+)[\"']\)")


class Package:
    """The unpacked wheel: one JavaScript module a resource, and the index of its interfaces."""

    def __init__(self, wheel: Path, modules: set[str]) -> None:
        self.sources: dict[str, str] = {}
        self._optional: dict[tuple[str, str], dict[str, bool]] = {}
        with zipfile.ZipFile(wheel) as archive:
            inner = next(n for n in archive.namelist() if n.endswith(".jsii.tgz"))
            packed = io.BytesIO(archive.read(inner))
        with tarfile.open(fileobj=packed) as package:
            for member in package:
                parts = member.name.split("/")
                if parts[1:] == [".jsii"]:
                    self._index(json.loads(_text(package, member)))
                elif parts[1] == "lib" and parts[-1] == "index.js" and parts[2] in modules:
                    self.sources[parts[2]] = _text(package, member)
        missing = sorted(modules - set(self.sources))
        if missing:
            raise SystemExit(f"The package has no {', '.join(missing)}: fix the lists above.")

    def _index(self, assembly: dict[str, Any]) -> None:
        for name, kind in assembly["types"].items():
            module = name.split(".")[1].replace("_", "").lower()
            self._optional[module, kind["name"]] = {
                p["name"]: bool(p.get("optional")) for p in kind.get("properties", [])
            }

    def optional(self, module: str, interface: str) -> dict[str, bool]:
        """Arguments of an interface in camel case, and whether each may be left out."""
        return self._optional[module.replace("-", ""), interface]

    def block(self, module: str, body: str, interface: str) -> dict[str, Any]:
        """The schema of one block, with the blocks inside it."""
        may_miss = self.optional(module, interface)
        attributes: dict[str, Any] = {}
        blocks: dict[str, Any] = {}
        for name, value, is_block, kind, storage in ARGUMENT.findall(body):
            optional = may_miss.get(_camel(name), True)
            if is_block == "false":
                of = TYPES.get(storage, "dynamic")
                of = ["set", of[1]] if kind == "set" and isinstance(of, list) else of
                attributes[name] = [of, "optional" if optional else "required"]
                continue
            functions = re.findall(r"\b([a-z]\w+)ToHclTerraform", value)
            function = next(f for f in reversed(functions) if f not in TYPES)
            inner = re.search(
                rf"function {function}ToHclTerraform\(struct\) \{{(.*?)\n\}}",
                self.sources[module],
                re.DOTALL,
            )
            if not inner:
                raise SystemExit(f"{module}: no body of {function}; the package changed its form.")
            single = "listMapperHcl" not in value
            blocks[name] = {
                "nesting": "single" if name == "timeouts" else "set" if kind == "set" else "list",
                "min": 0 if optional else 1,
                "max": 1 if single and name != "timeouts" else 0,
                "block": self.block(module, inner[1], function[0].upper() + function[1:]),
            }
        return {"attributes": attributes, "blocks": blocks}

    def schema(self, module: str) -> dict[str, Any]:
        """The schema of one resource, data source or provider."""
        source = self.sources[module]
        found = re.search(r"class (\w+) extends cdktf\.Terraform(?:Resource|Provider|Data)", source)
        if not found:
            raise SystemExit(f"{module}: no class of a resource; the package changed its form.")
        own = source[found.start() :]
        body = own[own.index("synthesizeHclAttributes()") :]
        schema = self.block(module, body, f"{found[1]}Config")
        for name, kind in _computed(own):
            if name not in schema["blocks"]:
                schema["attributes"].setdefault(name, [kind, "computed"])
        return schema


def _text(package: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    handle = package.extractfile(member)
    return handle.read().decode() if handle else ""


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


def _computed(source: str) -> Iterator[tuple[str, Any]]:
    for getter, name in COMPUTED.findall(source):
        if getter in GETTERS:
            yield name, GETTERS[getter]
    for name in COMPUTED_MAP.findall(source):
        yield name, ["map", "string"]


def _compact(schema: dict[str, Any]) -> str:
    return json.dumps(schema, sort_keys=True, separators=(",", ":"))


def main(wheel: Path) -> None:
    """Write `google_schema.json` again, one resource a line."""
    kebab = {name: name.replace("_", "-") for name in RESOURCES}
    data = {name: f"data-google-{name.replace('_', '-')}" for name in DATA_SOURCES}
    package = Package(wheel, {"provider", *kebab.values(), *data.values()})
    provider = package.schema("provider")
    parts = {
        "resources": {f"google_{n}": package.schema(m) for n, m in kebab.items()},
        "data_sources": {f"google_{n}": package.schema(m) for n, m in data.items()},
    }
    source = f"hashicorp/google {VERSION}, by cdktf-cdktf-provider-google 16.12.1, MPL-2.0"
    lines = [f'"source": {json.dumps(source)}', f'"provider": {_compact(provider)}']
    for part, schemas in parts.items():
        each = ",\n".join(f"{json.dumps(n)}: {_compact(s)}" for n, s in sorted(schemas.items()))
        lines.append(f'"{part}": {{\n{each}\n}}')
    SCHEMA.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{SCHEMA.name}: {len(RESOURCES)} resources, {SCHEMA.stat().st_size // 1000} kB")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
