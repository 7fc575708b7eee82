"""What may happen to an import, when, and by whom."""

from django.utils.translation import gettext_lazy as _

from core.workflow import SYSTEM_ONLY, Step, Workflow
from crm.enums import AT_WORK, FINAL, STARTABLE
from crm.enums import ImportStatus as S
from crm.rules import nothing_mapped

IMPORT = Workflow(
    Step("check", STARTABLE, S.WAITING, "crm.import", "check_asked", _("Check only"), (nothing_mapped,)),
    Step("start", STARTABLE, S.WAITING, "crm.import", "started", _("Start import"), (nothing_mapped,)),
    Step("take_up", (S.WAITING,), S.RUNNING, SYSTEM_ONLY, "taken_up"),
    Step("report", (S.RUNNING,), S.CHECKED, SYSTEM_ONLY, "checked"),
    Step("finish", (S.RUNNING,), S.DONE, SYSTEM_ONLY, "finished"),
    Step("finish_partly", (S.RUNNING,), S.PARTIAL, SYSTEM_ONLY, "partly_finished"),
    Step("fail", AT_WORK, S.FAILED, SYSTEM_ONLY, "failed"),
    Step("stop", AT_WORK, S.STOPPED, "crm.import", "stopped", _("Stop")),
    Step("go_on", (S.STOPPED,), S.WAITING, "crm.import", "resumed", _("Go on")),
    Step("discard", (*STARTABLE, S.STOPPED), S.DISCARDED, "crm.import", "discarded", _("Discard")),
    final=FINAL,
)
