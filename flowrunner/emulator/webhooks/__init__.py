"""What happens, told to a program on this machine as the real APIs would tell it: payloads, signatures, retries."""
