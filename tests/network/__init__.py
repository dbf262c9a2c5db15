"""Workers on a host of their own, a network namespace, whose cable is pulled. Needs Linux and root."""
