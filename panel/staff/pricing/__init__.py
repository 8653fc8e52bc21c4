"""The pricing workbench: every service with its price, and changing the rules behind them."""
