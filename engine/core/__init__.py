"""The part that decides: pure, compiled, without clock, disk, network or chance."""
