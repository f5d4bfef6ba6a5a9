"""Phone numbers: read as people type them, recognised in every spelling, and whose clock they go by.

The only room that knows phone numbers and time zones. It imports nothing by itself: one recipient needs few of it.
"""
