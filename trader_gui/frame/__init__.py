"""The frame around the pages: rail, top bar, status bar, tray, the keys that work everywhere."""
