"""The sensors on what the sources of the retail domain offer: folder, Kaggle, address, database."""

from ecommerce_assets.defs.loading.sensors import (
    kaggle_sensor,
    landing_sensor,
    own_sensor,
)
from ecommerce_assets.domains.registry import DOMAINS

ARCHIVE, URL, POSTGRES = DOMAINS["retail"].tables
retail_landing_folder = landing_sensor(ARCHIVE)
retail_kaggle_version = kaggle_sensor(ARCHIVE)
retail_url_version = own_sensor(URL, "retail_url_version", "url", every_s=900)
retail_postgres_changes = own_sensor(POSTGRES, "retail_postgres_changes", "postgres", every_s=300)
