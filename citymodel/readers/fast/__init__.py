"""The fast reader: a byte scanner for buildings in the shape the surveys deliver.

It knows a closed table of elements (``grammar``), checks that tags nest, and reads numbers
and texts in place (``scan``). Whatever it does not know makes it hand the whole unit over
to the reference reader: it is never wrong, only sometimes of no use. A test compares the
two to the bit.
"""

from .read import read_fast

__all__ = ["read_fast"]
