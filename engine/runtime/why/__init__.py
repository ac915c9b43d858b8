"""Why a session decided as it did: its strategy asked again, its decisions followed through the
rules."""
