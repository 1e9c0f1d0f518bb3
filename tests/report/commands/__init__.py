"""What ``ls-conformance`` does with reports and with files of accepted deviations."""
