"""The dashboard's entry: which pages there are, and in which order; started by Streamlit."""

from __future__ import annotations

import streamlit as st

st.set_page_config(page_title="E-commerce lakehouse", layout="wide")
# Streamlit cuts off a figure that is wider than its box: five boxes a row hold nine digits so.
st.html("<style>[data-testid='stMetricValue'] {font-size: 1.35rem}</style>")

st.navigation(
    {
        "": [st.Page("views/home.py", title="Home", default=True)],
        "Cosmetics": [
            st.Page("views/cosmetics_traffic.py", title="Traffic and users"),
            st.Page("views/cosmetics_sales.py", title="Sales"),
            st.Page("views/cosmetics_funnels.py", title="Funnels"),
            st.Page("views/cosmetics_retention.py", title="Retention"),
            st.Page("views/cosmetics_products.py", title="Brands, categories, products"),
            st.Page("views/cosmetics_product.py", title="Product"),
            st.Page("views/cosmetics_quality.py", title="Paths and quality"),
        ],
        "Electronics": [
            st.Page("views/electronics_sales.py", title="Sales"),
            st.Page("views/electronics_brands.py", title="Brands"),
            st.Page("views/electronics_products.py", title="Products"),
            st.Page("views/electronics_quality.py", title="Quality of the data"),
        ],
        "Retail": [
            st.Page("views/retail_sales.py", title="Sales overview"),
            st.Page("views/retail_customer.py", title="Customer"),
            st.Page("views/retail_item.py", title="Item"),
            st.Page("views/retail_exploration.py", title="Exploration"),
            st.Page("views/retail_sources.py", title="Sources and returns"),
        ],
        "Operations": [st.Page("views/operations.py", title="Loads, time and truths")],
    }
).run()
