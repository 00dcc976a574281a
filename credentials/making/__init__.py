"""Makes the files that leave: bytes and plain values in, bytes out. Pure, like credentials/parsing."""
