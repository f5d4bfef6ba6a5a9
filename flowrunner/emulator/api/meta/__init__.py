"""Meta's shape of the API: its object read as strictly as its pages say, and told back as they show it."""
