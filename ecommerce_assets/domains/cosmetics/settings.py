"""What a user may set of the cosmetics domain alone."""

from pydantic import AliasChoices, Field

from ecommerce_assets.domains.settings import ChosenSourceSettings
from ecommerce_assets.month_settings import MonthRange


class CosmeticsSettings(ChosenSourceSettings, env_prefix="ECOMMERCE_COSMETICS_"):
    """The settings of the cosmetics domain."""

    #: October 2019 to February 2020: what the Kaggle data set covers and ends with. A shop that
    #: lands its own files widens it.
    months: MonthRange = Field(
        "2019-10:2020-02",
        description="First and last month of the cosmetics domain, YYYY-MM:YYYY-MM.",
    )
    sample_events: int = Field(
        20_000,
        ge=200,
        validation_alias=AliasChoices("ECOMMERCE_SAMPLE_EVENTS"),
        description="Events a month of the simulated cosmetics shop.",
    )
