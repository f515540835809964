"""The arithmetic of the benchmarks; never their figures."""
