"""Dagster's webserver behind the guard: `python -m ecommerce_assets.ui.webserver [options]`.

Belongs here: putting the guard in front. Stays out: what it refuses (`guard.py`). The options are
those of `dagster-webserver`, which serves the same pages unguarded.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from ecommerce_assets.ui.guard import Guard


def main() -> None:
    """Serve the UI until a signal ends it."""
    import uvicorn
    from pydantic import ValidationError

    from ecommerce_assets.settings import load_settings

    try:
        hosts = load_settings().ui_host_names
    except ValidationError as error:
        problems = (f"setting {each['loc'][0]}: {each['msg']}" for each in error.errors())
        sys.exit("\n".join(problems))
    serve = uvicorn.run

    def serve_guarded(app: Any, **options: Any) -> None:
        serve(Guard(app, (*hosts, options["host"]), graphql=True), **options)

    # The one call by which Dagster serves its pages.
    uvicorn.run = serve_guarded
    cli: Any = importlib.import_module("dagster_webserver.cli")
    cli.main()


if __name__ == "__main__":
    main()
