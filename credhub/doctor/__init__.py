"""What `manage.py doctor` looks at: one small check a question, each of which says what it found."""
