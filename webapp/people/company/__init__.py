"""The company card: settings of the whole installation."""
