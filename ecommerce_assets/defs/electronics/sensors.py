"""The sensors on what the sources of the electronics domain offer: landing folder and Kaggle."""

from ecommerce_assets.defs.loading.sensors import kaggle_sensor, landing_sensor
from ecommerce_assets.domains.registry import DOMAINS

(PURCHASES,) = DOMAINS["electronics"].tables
electronics_landing_folder = landing_sensor(PURCHASES)
electronics_kaggle_version = kaggle_sensor(PURCHASES)
