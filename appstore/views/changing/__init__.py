"""The pages on which people order changes at Apple. Each shows what it touches before anything is done."""
