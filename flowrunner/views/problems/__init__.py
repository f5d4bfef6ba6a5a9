"""Diagnostics and the rules behind them, in every form."""
