"""What is sent: generated cases, chosen, bound to real objects, and mended."""
