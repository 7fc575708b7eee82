"""What pages read of market funds."""
