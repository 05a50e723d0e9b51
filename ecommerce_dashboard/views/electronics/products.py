"""Electronics: products by ABC class and by how steady their demand is, one month at a time."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ecommerce_dashboard import charts
from ecommerce_dashboard.page import begin, count, money, percent, ratio, require, table

TITLE = "Products"
PLACE = 3
DOMAIN = "electronics"
CLASSES = {
    "class_by_sales": "by sales: A to 80 %, B to 95 %",
    "class_by_products": "by products: the first 5 % are A, the next 15 % B",
}


def by_class(rows: pd.DataFrame, classes: str) -> None:
    """What each class holds."""
    groups = rows.groupby(classes, as_index=False).agg(
        products=("product_id", "size"), gross_sales=("gross_sales", "sum")
    )
    groups["share_of_products"] = [percent(ratio(n, len(rows))) for n in groups["products"]]
    whole = rows["gross_sales"].sum()
    groups["share_of_sales"] = [percent(ratio(value, whole)) for value in groups["gross_sales"]]
    table(
        groups,
        {
            classes: "class",
            "products": "products",
            "share_of_products": "share of products",
            "gross_sales": "gross sales",
            "share_of_sales": "share of sales",
        },
    )
    st.caption(
        f"Shares of {count(len(rows))} products with a unit sold in the month, and of "
        f"{money(whole)} gross sales. Calendar of UTC."
    )


def page() -> None:
    """The whole page."""
    months = begin(TITLE, DOMAIN, "products.abc_months")
    days = [month.date() for month in months["month_date"]]
    columns = st.columns(2)
    with columns[0]:
        month = st.selectbox(
            "Month", days, index=len(days) - 1, format_func=lambda day: f"{day:%Y-%m}", key="month"
        )
    with columns[1]:
        classes = st.radio("Classes", list(CLASSES), format_func=CLASSES.__getitem__, key="classes")
    rows = require(DOMAIN, "products.abc", month)
    by_class(rows, classes)

    rows["place_share"] = rows["sales_place"].astype(float) / rows["products_in_month"].astype(
        float
    )
    rows["sales_share"] = rows["cumulative_share_num"] / rows["cumulative_share_den"]
    st.subheader("Pareto curve")
    charts.draw(
        charts.pareto(rows, classes),
        "Gross sales of the first products / gross sales of all, products in the order of their "
        "sales, over their share of all products of the month. Calendar of UTC.",
    )
    st.subheader("Class and demand")
    charts.draw(
        charts.class_scatter(rows[rows["gross_sales"] > 0].dropna(subset="demand_cv"), classes),
        "Each product with gross sales in the month: these, and the coefficient of variation of "
        "its units a day (standard deviation / mean over "
        f"{count(rows['days_observed'].max())} observed days, days without a sale are 0). "
        "Calendar of UTC.",
    )
    table(
        rows,
        {
            "sales_place": "place",
            "product_id": "product",
            "brand": "brand",
            "category_code": "category",
            "gross_sales": "gross sales",
            "units": "rows",
            "days_sold": "days sold",
            "demand_cv": "demand CV",
            classes: "class",
        },
    )


page()
