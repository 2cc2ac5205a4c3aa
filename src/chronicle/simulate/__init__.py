"""Parameters in, a landing folder out: virtual patients whose true risk is known."""
