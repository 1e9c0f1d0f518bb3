"""A network in bad weather between the suite and a real server: no finding may come of it, and none may be lost in it.

``python -m tests.weather.table`` runs the same tests in each weather, and says what it changed in the verdict: nothing.
"""
