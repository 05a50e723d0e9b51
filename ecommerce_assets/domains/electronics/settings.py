"""What a user may set of the electronics domain alone."""

from pydantic import AliasChoices, Field

from ecommerce_assets.domains.settings import ChosenSourceSettings
from ecommerce_assets.month_settings import MonthRange


class ElectronicsSettings(ChosenSourceSettings, env_prefix="ECOMMERCE_ELECTRONICS_"):
    """The settings of the electronics domain."""

    #: January to November 2020: what the Kaggle file of the electronics store holds.
    months: MonthRange = Field(
        "2020-01:2020-11",
        description="First and last month of the electronics domain, YYYY-MM:YYYY-MM.",
    )
    sample_purchases: int = Field(
        30_000,
        ge=500,
        validation_alias=AliasChoices("ECOMMERCE_SAMPLE_PURCHASES"),
        description="Purchases in all of the simulated electronics store.",
    )
