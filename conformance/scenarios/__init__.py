"""Hand-written workflows, one or a few modules per area; each check names the requirement that it shows.

pytest collects them. ``steps``, ``checks``, ``configs`` and ``texts`` are what they share.
"""
