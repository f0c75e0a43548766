"""Differentials, gradients, the forms of second derivatives, and where a gradient vanishes."""
