"""Use cases: a typed request in, a typed result out, a stream of events where it lasts; nothing is printed.

The command line and the Python API both call these. What a person is asked is a function in the request. Where nothing
can be done, one of two errors says so: `FlowError`, the author's work is wrong, or `RefusedError`, something is in the
way.
"""
