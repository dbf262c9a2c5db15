"""Measurements. Each prints its figures, and a limit or a peer measured in the same run beside them."""
