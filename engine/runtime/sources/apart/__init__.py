"""Sockets in a process of their own: reading them never takes the window's time."""
