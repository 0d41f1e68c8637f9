//! GB/T 26875.3-2011: the wire protocol of fire terminals, both ways, without I/O.
