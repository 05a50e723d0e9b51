"""Checks and metadata speak of any slice: of a month by its days, of others by their name."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from ecommerce_assets.defs.loading.checks import check_lake_slice, check_raw_slice, lake_checks
from ecommerce_assets.defs.loading.metadata import load_metadata
from ecommerce_assets.lib.lake.slices import Offsets, Slice
from ecommerce_assets_tests.support.builders import lake_at
from ecommerce_assets_tests.support.forms import JANUARY, json_lines, load_file, order, orders
from ecommerce_assets_tests.support.messages import TOPIC, contract_of, load_range

ALWAYS = {"rows_conserved", "empty_values_are_empty", "contract_kept"}


def test_a_range_of_offsets_is_checked_without_days(tmp_path: Path) -> None:
    contract, key = contract_of(tmp_path), Offsets(TOPIC, 3, 0, 500)
    result = load_range(tmp_path, contract, key)
    slice_ = Slice(lake_at(tmp_path), contract, key)
    checks = {check.check_name: check for check in check_lake_slice(slice_, result)}
    declared = lake_checks(contract, dg.DynamicPartitionsDefinition(name="ranges"))
    assert checks.keys() == {spec.name for spec in declared} == ALWAYS
    assert checks["rows_conserved"].passed and not checks["contract_kept"].passed
    assert check_raw_slice(slice_, 480).passed and not check_raw_slice(slice_, 479).passed
    metadata = load_metadata(slice_, result)
    assert metadata["slice"] == "offsets 0 to 499 of orders, partition 3"
    assert metadata["rows_quarantined"] == 20


def test_a_month_is_checked_day_by_day(tmp_path: Path) -> None:
    contract = orders(tmp_path)
    result = load_file(tmp_path, json_lines([order(n) for n in range(28)]), contract)
    slice_ = Slice(lake_at(tmp_path), contract, JANUARY)
    checks = {check.check_name: check for check in check_lake_slice(slice_, result)}
    assert checks.keys() == ALWAYS | {"month_complete"}
    missing = checks["month_complete"].metadata["days_missing"].value
    assert missing == "2024-01-29, 2024-01-30, 2024-01-31"
    assert "slice" not in load_metadata(slice_, result)
