"""Reading of files that other programs wrote: all of it, or a sentence and nothing."""
