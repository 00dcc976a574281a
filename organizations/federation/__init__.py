"""CI jobs that come with an identity token of their provider and get an API token for a quarter of an hour."""
