"""When a resource should be running: calendars and the tag grammars of other tools."""
