"""Shows a run's progress: counts per area, rate, time left, the newest finding.

`standing` keeps the figures, `live` draws them where there is a terminal, `plain` prints a line now and then where
there is none, and `showing` is the plugin that listens to pytest. With ``-v`` pytest's own lines are shown instead,
with ``-q`` none.
"""
