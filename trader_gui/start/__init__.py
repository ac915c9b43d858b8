"""How the window starts and who ends it: one window per folder, safe mode, rescue."""
