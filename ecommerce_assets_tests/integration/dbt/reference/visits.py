"""The relations that hold sessions themselves."""

from __future__ import annotations

from ecommerce_assets_tests.integration.dbt.reference.sessions import agreement

EXPECTED = {
    "cosmetics_marts.fct_sessions": lambda world: world.sessions,
    "cosmetics_intermediate.int_cosmetics__derived_sessions": lambda world: world.derived_sessions,
    "cosmetics_marts.agg_session_agreement_daily": lambda world: agreement(
        world.sessions, world.derived_sessions
    ),
}
