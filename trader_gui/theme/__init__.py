"""Colours, sizes, fonts and the style sheet, all from one set of tokens."""
