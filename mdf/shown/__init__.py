"""What pages show of market funds: frozen, in words, no query left for the template."""
