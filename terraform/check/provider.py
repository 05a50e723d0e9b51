"""hashicorp/google as far as its schema goes: the plugin that Terraform talks to.

It answers Terraform's plugin protocol from `google_schema.json`, reaches no network and creates
nothing. The provider's own checks of values (regions, arguments that exclude each other) are code
in the real one and not here.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from threading import Thread
from typing import Any

import msgpack
import tf.provider
import tf.runner
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc

SCHEMA: dict[str, Any] = json.loads(
    Path(__file__).with_name("google_schema.json").read_text(encoding="utf-8")
)
ADDRESS = "registry.terraform.io/hashicorp/google"
UNKNOWN = msgpack.ExtType(0, b"\x00")
NESTING = {
    "list": pb.Schema.NestedBlock.LIST,
    "set": pb.Schema.NestedBlock.SET,
    "single": pb.Schema.NestedBlock.SINGLE,
}


def _block(schema: dict[str, Any], outermost: bool = True) -> pb.Schema.Block:
    attributes = [
        pb.Schema.Attribute(
            name=name,
            type=json.dumps(kind).encode(),
            required=mode == "required",
            optional=mode == "optional",
            computed=mode == "computed" or (mode == "optional" and outermost),
        )
        for name, (kind, mode) in schema["attributes"].items()
    ]
    blocks = [
        pb.Schema.NestedBlock(
            type_name=name,
            nesting=NESTING[inner["nesting"]],
            min_items=inner["min"],
            max_items=inner["max"],
            block=_block(inner["block"], outermost=False),
        )
        for name, inner in schema["blocks"].items()
    ]
    return pb.Schema.Block(attributes=attributes, block_types=blocks)


def _schemas(part: str) -> dict[str, pb.Schema]:
    return {
        name: pb.Schema(version=1, block=_block(schema)) for name, schema in SCHEMA[part].items()
    }


def _packed(value: Any) -> pb.DynamicValue:
    return pb.DynamicValue(msgpack=msgpack.packb(value))


def _unpacked(value: pb.DynamicValue) -> Any:
    return msgpack.unpackb(value.msgpack, strict_map_key=False)


class SchemaOnly(rpc.ProviderServicer):  # type: ignore[misc]  # generated code has no types
    """The calls that validate, plan and test make."""

    def __init__(self, _: object = None) -> None:
        pass

    def GetMetadata(self, request: Any, context: Any) -> Any:
        return pb.GetMetadata.Response(
            resources=[pb.GetMetadata.ResourceMetadata(type_name=n) for n in SCHEMA["resources"]],
            data_sources=[
                pb.GetMetadata.DataSourceMetadata(type_name=n) for n in SCHEMA["data_sources"]
            ],
        )

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        return pb.GetProviderSchema.Response(
            provider=pb.Schema(block=_block(SCHEMA["provider"])),
            resource_schemas=_schemas("resources"),
            data_source_schemas=_schemas("data_sources"),
        )

    def GetFunctions(self, request: Any, context: Any) -> Any:
        return pb.GetFunctions.Response()

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateProviderConfig.Response()

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        return pb.ConfigureProvider.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateDataResourceConfig.Response()

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        """Nobody is there to look anything up: a text that was not given is its own name."""
        found = _unpacked(request.config)
        for name, (kind, _) in SCHEMA["data_sources"][request.type_name]["attributes"].items():
            if kind == "string" and found.get(name) is None:
                found[name] = f"the-{name.replace('_', '-')}"
        return pb.ReadDataSource.Response(state=_packed(found))

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        """Of a new resource, what the configuration leaves open is known after apply."""
        planned = _unpacked(request.proposed_new_state)
        if planned is not None and _unpacked(request.prior_state) is None:
            for name, (_, mode) in SCHEMA["resources"][request.type_name]["attributes"].items():
                if mode != "required" and planned.get(name) is None:
                    planned[name] = UNKNOWN
        return pb.PlanResourceChange.Response(planned_state=_packed(planned))

    def StopProvider(self, request: Any, context: Any) -> Any:
        return pb.StopProvider.Response()


class _Google:
    def full_name(self) -> str:
        return ADDRESS


if __name__ == "__main__":
    # Started once for all calls of Terraform, which find it by TF_REATTACH_PROVIDERS; ends when
    # whoever started it is gone.
    Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    tf.provider.ProviderServicer = SchemaOnly
    tf.runner.run_provider(_Google(), [__file__, "--dev"])
