"""Published risk equations: numbers in, a probability out, each with its paper."""
