"""`python -m ostinato.task_processes <file descriptor>`: how `ProcessPoolTaskRunner` starts its processes."""

import sys

from ostinato.task_processes.child import main

if __name__ == "__main__":
    main(int(sys.argv[1]))
