"""Many flows at once, each of which works on until a file is there; prints how much each has done.

Arguments: the product, how many flows, the seconds between two pieces of work, the file.
"""

import asyncio
import json
import sys
from importlib import import_module
from pathlib import Path

product = import_module(sys.argv[1])
FLOWS, PAUSE, LAST = int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4])


@product.task
async def step(number):
    return number + 1


@product.flow
async def piece(number):
    return await step(number)


@product.flow(log_prints=True)
async def living(place):
    done = 0
    while not LAST.exists():  # noqa: ASYNC240 - it is looked at now and then
        done = await piece(done)
        print("done", done)
        # Not all of them at the same moment.
        await asyncio.sleep(PAUSE * (0.5 + place / FLOWS))
    return done


async def main():
    print(json.dumps(await asyncio.gather(*(living(place) for place in range(FLOWS)))))


asyncio.run(main())
