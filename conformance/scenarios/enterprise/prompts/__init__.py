"""Prompts: their versions, their runs, and the providers of language models behind them."""
