"""Administration: activity log, billing, single sign-on, lifetimes of keys, metric code, one's own account."""
