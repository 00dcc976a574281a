"""Private PostgreSQL and Redis servers, from the system's packages, that live as long as what uses them."""
