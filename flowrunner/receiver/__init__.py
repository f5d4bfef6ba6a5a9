"""The receiver: webhooks come in over HTTP, are checked, and are in the journal before they are answered."""
