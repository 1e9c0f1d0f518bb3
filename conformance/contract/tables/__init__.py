"""The tables of ``spec/`` beside the contract itself, a module for each; who needs one asks its ``load_…``."""
