"""Ways into other programs: Jupyter, pandoc and Quarto, MyST and Jupyter Book. Each is small and stands alone."""
