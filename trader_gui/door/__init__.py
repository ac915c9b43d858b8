"""The one door between window and engine: snapshots come up, commands go down."""
