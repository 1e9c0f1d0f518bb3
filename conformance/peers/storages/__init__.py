"""Stores of objects that a target imports from and exports to, each a program of its own; one module per product."""
