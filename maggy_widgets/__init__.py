"""The Jupyter widget of Maggy: not written yet, it arrives next."""
