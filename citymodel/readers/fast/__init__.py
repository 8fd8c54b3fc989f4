"""The fast reader: a byte scanner for buildings in the shape the surveys deliver."""
