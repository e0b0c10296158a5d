"""The sandbox's HTTP side: the API, the hosted pages, the control API, and faults on the wire."""
