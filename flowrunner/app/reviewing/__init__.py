"""What there is to know of a flow before it is sent: whether it is right, what people will see, what has changed."""
