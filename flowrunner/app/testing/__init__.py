"""Tests of flows: played, made, brought up to date, shown."""
