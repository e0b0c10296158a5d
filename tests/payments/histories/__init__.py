"""Random lives of payments under keys, in processes that are really killed, over a real server and real stores."""
