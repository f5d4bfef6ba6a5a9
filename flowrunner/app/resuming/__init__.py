"""What was begun is gone on with: where somebody asks for it, or when an answer or a moment has come."""
