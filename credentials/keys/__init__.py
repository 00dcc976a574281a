"""Where master keys live: in the environment, in Vault or OpenBao, or at AWS. They wrap data keys and open them."""
