"""What charts paint: one layer for each thing, axes, and the panes they stand in."""
