"""Letting a loop of the scheduler do its work at once."""

from ostinato_scheduler.loop import Loop


async def tick_to_end(loop: Loop) -> int:
    """Tick until there is nothing more to do; return how much was done."""
    done = 0
    while True:
        work = await loop.tick()
        done += work.done
        if not work.more:
            return done
