"""One flow for one recipient: begun, carried out to its end or to where it waits, cancelled."""
