"""Pages for a browser on this machine: who may in, what they look like, how they are served.

Rooms that have pages (the dashboard, tools like it) bring their own templates; the frame, the style sheet, the script,
the charts and the rules of the door are here. Needs Starlette, uvicorn and Jinja2.
"""
