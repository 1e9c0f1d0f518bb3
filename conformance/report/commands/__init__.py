"""What ``ls-conformance`` says about results: one module per command, each a function of reports."""
