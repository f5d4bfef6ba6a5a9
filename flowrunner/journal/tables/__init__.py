"""What a journal keeps as SQL tables, whatever database has them."""
