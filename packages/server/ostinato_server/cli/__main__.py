"""`python -m ostinato_server.cli`: the server commands without the client's program, as a background server is run."""

from ostinato_server.cli import server_app

if __name__ == "__main__":
    server_app(prog_name="ostinato server")
