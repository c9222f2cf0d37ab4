"""Journey diagrams on matplotlib; the only floor that knows it."""
