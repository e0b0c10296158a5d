"""`astra doctor`: is what this machine is set up with what was meant? Modules that decide do no I/O; probes only look.

Nothing is changed by it, but for one grant that it saves in the token store and deletes again.
"""
