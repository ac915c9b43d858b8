"""The start of the program: what is stored is checked, differences are repaired, bots go on."""
