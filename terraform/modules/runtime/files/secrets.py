"""Print settings whose values are in Secret Manager, as lines of an environment file.

Runs in the lakehouse's image on the virtual machine, before Dagster starts, with the machine's own
account and the standard library alone. Takes NAME=projects/PROJECT/secrets/SECRET. A secret without
a value is named on standard error and left out: its setting then counts as not set.
"""

import base64
import json
import os
import sys
import urllib.error
import urllib.request
from typing import Any

# As Google's own clients name what stands in for the real addresses.
METADATA = os.environ.get("GCE_METADATA_HOST", "metadata.google.internal")
TOKEN = f"http://{METADATA}/computeMetadata/v1/instance/service-accounts/default/token"
SECRETS = os.environ.get(
    "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER", "https://secretmanager.googleapis.com/"
)


def fetch(url: str, headers: dict[str, str]) -> dict[str, Any]:
    """The JSON document at an address."""
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        document: dict[str, Any] = json.load(answer)
    return document


def main(wanted: list[str]) -> None:
    """Print one line for each secret that has a value."""
    token = fetch(TOKEN, {"Metadata-Flavor": "Google"})["access_token"]
    for pair in wanted:
        setting, _, secret = pair.partition("=")
        url = f"{SECRETS}v1/{secret}/versions/latest:access"
        try:
            version = fetch(url, {"Authorization": f"Bearer {token}"})
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            print(f"{secret} has no value: {setting} is not set", file=sys.stderr)
            continue
        value = base64.b64decode(version["payload"]["data"]).decode().strip()
        if "\n" in value:
            raise SystemExit(f"{secret} has several lines; write them into one, blanks between.")
        print(f"{setting}={value}")


if __name__ == "__main__":
    main(sys.argv[1:])
