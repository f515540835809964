"""Events, messages and decisions in words, as one reader may see them."""
