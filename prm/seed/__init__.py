"""The demo company: a plan made of chance and a seed, and the writing of it."""
