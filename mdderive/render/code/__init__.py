"""Gradients as source that runs: numpy, jax, torch, Julia, SymPy."""
