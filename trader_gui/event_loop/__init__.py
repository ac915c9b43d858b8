"""When things run: Qt's loop as asyncio's, tasks, redraws, and the collector of cycles."""
