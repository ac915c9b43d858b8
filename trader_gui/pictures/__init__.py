"""Pictures of the real program, for the documentation and for the eye."""
