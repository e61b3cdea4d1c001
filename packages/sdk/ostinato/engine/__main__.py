"""`python -m ostinato.engine`: run the flow run that `PREFECT__FLOW_RUN_ID` names, in this process."""

import sys

from ostinato.engine.process import main

sys.exit(main())
