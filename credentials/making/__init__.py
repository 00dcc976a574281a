"""Files that CredHub makes: bytes and plain values in, bytes out. Knows neither Django nor our models."""
