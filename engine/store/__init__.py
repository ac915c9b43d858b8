"""The store: everything that must survive, in one SQLite file of the data folder."""
