"""The dashboard's entry: the pages in their order; started by Streamlit.

Stays out: which pages a domain has (`navigation.py` finds them).
"""

from __future__ import annotations

import streamlit as st

from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_dashboard.navigation import pages_of

st.set_page_config(page_title="E-commerce lakehouse", layout="wide")
# Streamlit cuts off a figure that is wider than its box: five boxes a row hold nine digits so.
st.html("<style>[data-testid='stMetricValue'] {font-size: 1.35rem}</style>")

st.navigation(
    {
        "": [st.Page("views/home.py", title="Home", default=True)],
        **{
            domain.capitalize(): [
                st.Page(page.path, title=page.title, url_path=page.name)
                for page in pages_of(domain)
            ]
            for domain in DOMAINS
            if pages_of(domain)
        },
        "Operations": [st.Page("views/operations.py", title="Loads, time and truths")],
    }
).run()
