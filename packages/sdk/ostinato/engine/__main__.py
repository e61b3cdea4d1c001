"""`python -m ostinato.engine`: run the flow run that `PREFECT__FLOW_RUN_ID` names, in this process."""

import sys

from ostinato.engine.warm import wait_if_warm

wait_if_warm()

from ostinato.engine.process import main  # noqa: E402 - a process that waits loads it among the rest

sys.exit(main())
