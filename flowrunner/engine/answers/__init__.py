"""What a person wrote -> the answer to a question that it is, or none; and what comes next of the question."""
