"""The data manager: views, columns, filters, actions."""
