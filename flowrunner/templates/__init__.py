"""The templates of an account as a file of the repository, ``templates.json``, and what is checked by it."""
