"""The session funnel by day."""

from __future__ import annotations

from datetime import timedelta

from ecommerce_assets_tests.integration.dbt.reference.base import Row, grouped, nearest_rank, wilson


def funnel(all_sessions: list[Row]) -> list[Row]:
    """agg_session_funnel_daily."""
    rows = []
    valid = [s for s in all_sessions if s["is_valid"]]
    for day, own in grouped(valid, lambda s: s["session_date"]).items():
        view = [s for s in own if s["first_view_at"]]
        cart = [s for s in view if s["first_cart_at"] and s["first_cart_at"] >= s["first_view_at"]]
        bought = [
            s
            for s in cart
            if s["first_purchase_at"] and s["first_purchase_at"] >= s["first_cart_at"]
        ]
        steps = [("view", view, view, None), ("cart", cart, view, "first_view_at")]
        steps.append(("purchase", bought, cart, "first_cart_at"))
        for number, (name, reached, previous, since) in enumerate(steps, start=1):
            seconds = [
                (s[f"first_{name}_at"] - s[since]) // timedelta(seconds=1) for s in reached if since
            ]
            low, high = wilson(len(reached), len(view))
            rows.append(
                {
                    "funnel_id": "session_view_cart_purchase",
                    "funnel_version": 1,
                    "session_month": own[0]["session_month"],
                    "session_date": day,
                    "step_no": number,
                    "step_name": name,
                    "entered": len(view),
                    "reached": len(reached),
                    "overall_rate_num": len(reached),
                    "overall_rate_den": len(view),
                    "step_rate_num": len(reached),
                    "step_rate_den": len(previous),
                    "median_s": nearest_rank(seconds, 50),
                    "p90_s": nearest_rank(seconds, 90),
                    "wilson_low": low,
                    "wilson_high": high,
                    "coverage_num": len(bought),
                    "coverage_den": sum(s["reached_purchase"] for s in own),
                }
            )
    return rows


EXPECTED = {
    "cosmetics_marts.agg_session_funnel_daily": lambda world: funnel(world.sessions),
}
