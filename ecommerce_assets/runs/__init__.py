"""The runs of Dagster and the processes behind them."""
