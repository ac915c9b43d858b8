"""What crosses a border: events (happened), commands (wished), snapshots (what is)."""
