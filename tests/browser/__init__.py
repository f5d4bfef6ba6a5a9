"""Tests of pages in a real browser; a package, so that one browser lasts for all of them and no longer."""
