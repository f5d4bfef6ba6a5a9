"""What a file is, by its bytes, and whether WhatsApp takes it as what it is to be sent as.

Nothing here decodes a picture or plays a sound: what is said of a file stands in its first bytes or in its tables.
"""
