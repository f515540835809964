"""Push notes: the lines behind the bell, the bus and the live stream."""
