"""One run: its options, what the controller does before and after, what each worker does in between."""
