"""Small reusable widgets: each in its own file, keyboard-operable, with an accessible name."""
