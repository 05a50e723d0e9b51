"""Invoice lines as the staging model makes them, computed again in plain Python.

Belongs here: what one delivered line becomes. Stays out: what several lines together mean
(`reference.py`). Keep out SQL.
"""

from __future__ import annotations

import re
from collections import Counter
from zoneinfo import ZoneInfo

from ecommerce_assets_tests.integration.dbt.reference.base import Row
from ecommerce_assets_tests.integration.dbt_retail.shop import Line

LONDON = ZoneInfo("Europe/London")
SERVICES = {
    "POST": "postage",
    "DOT": "postage",
    "C2": "carriage",
    "23444": "carriage",
    "23574": "packing_charge",
    "22016": "gift_voucher",
    "M": "manual",
    "D": "discount",
    "S": "sample",
    "BANK CHARGES": "bank_charge",
    "AMAZONFEE": "marketplace_fee",
    "CRUK": "charity_commission",
    "PADS": "pads",
    "B": "bad_debt",
}


def item_kind(code: str) -> str:
    """What a stock code in upper case stands for."""
    if code.startswith("DCGS"):
        return "marketplace_gift"
    if code.startswith("GIFT_0001_"):
        return "gift_voucher"
    return SERVICES.get(code, "item")


def customer_of(text: str | None) -> int | None:
    """The customer as a number; None for nobody."""
    return (
        int(text.split(".")[0]) or None
        if re.fullmatch(r"\d+(\.0+)?", text or "") and text
        else None
    )


def line_kind(line: Line, customer: int | None) -> str:
    """What a line is."""
    if line.invoice[0] in "CA":
        return {"C": "cancellation", "A": "bad_debt"}[line.invoice[0]]
    note = line.quantity < 0 or (line.price == 0 and customer is None)
    return "stock_adjustment" if note else "sale"


def staged(lines: list[Line]) -> list[Row]:
    """stg_retail__invoice_lines."""
    seen: Counter[object] = Counter()
    rows = []
    for line in lines:
        seen[line.delivered] += 1
        customer, local = customer_of(line.customer), line.at.astimezone(LONDON)
        code = line.code.strip().upper()
        rows.append(
            {
                "invoiced_at": line.at,
                "invoice_date": local.date(),
                "invoice_hour": local.hour,
                "invoice_no": line.invoice,
                "line_kind": line_kind(line, customer),
                "stock_code": code,
                "stock_code_delivered": line.code,
                "item_kind": item_kind(code),
                "description": (line.description or "").strip() or None,
                "quantity": line.quantity,
                "unit_price": line.price,
                "line_value": line.quantity * line.price,
                "customer_id": customer,
                "customer_id_delivered": line.customer,
                "country": line.country.strip(),
                "dup_rank": seen[line.delivered],
                "is_exact_duplicate": seen[line.delivered] > 1,
                "source_row_no": line.row_no,
            }
        )
    return rows
