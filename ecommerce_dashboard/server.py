"""The dashboard's web server: Streamlit's own application behind the guard.

Stays out: the pages (`app.py`), and what the guard refuses (`ecommerce_assets/ui/guard.py`).
"""

from __future__ import annotations

from pathlib import Path

from starlette.middleware import Middleware
from streamlit import config
from streamlit.starlette import App

from ecommerce_assets.settings import load_settings
from ecommerce_assets.ui.guard import Guard

HOSTS = [*load_settings().ui_host_names, str(config.get_option("server.address") or "")]

# Found by Streamlit, which reads this file as text before it runs it.
app = App(Path(__file__).with_name("app.py"), middleware=[Middleware(Guard, hosts=HOSTS)])
