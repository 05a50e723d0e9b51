"""The sensors on what the sources of the cosmetics domain offer: landing folder and Kaggle."""

from ecommerce_assets.defs.loading.sensors import kaggle_sensor, landing_sensor
from ecommerce_assets.domains.registry import DOMAINS

(EVENTS,) = DOMAINS["cosmetics"].tables
cosmetics_landing_folder = landing_sensor(EVENTS)
cosmetics_kaggle_version = kaggle_sensor(EVENTS)
