"""What a person chose for the window: every setting, its kinds, its file, the language."""
