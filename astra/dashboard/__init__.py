"""`astra dashboard`: the health of grants, payments and requests, read from the stores of one installation. Only read:
nothing is sent to Astra, nothing is written, and no token, secret or personal datum is shown.

It is for one person on this machine; `astra.web` has the door, the frame and the server.
"""
