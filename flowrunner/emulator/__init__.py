"""The API's other side, on this machine: it answers as the API would, and misbehaves on request.

`state` is what it knows, `faults` how it misbehaves, `app` its HTTP side, `serve` its socket, and `page` is for people:
a browser shows the chats as they happen, and one can answer as the customer. None of it is shared with the side that
sends.
"""
