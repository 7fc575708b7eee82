"""The three refusals that services speak; each kind of door translates them once."""


class Refused(Exception):
    """A rule or a state says no. `code` is stable for API clients, `field` names the input it concerns."""

    code = "refused"

    def __init__(self, reason, *, code: str | None = None, field: str | None = None):
        super().__init__(reason)
        self.reason = reason
        self.code = code or self.code
        self.field = field


class IllegalTransition(Refused):
    """The workflow table has no such step from the present state."""

    code = "illegal_transition"


class Forbidden(Exception):
    """The actor lacks a permission, or two people are needed."""

    def __init__(self, reason, *, code: str = "permission_denied", permission: str = ""):
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.permission = permission


class Stale(Exception):
    """Somebody was faster: the state (`already_decided`) or the version (`version_mismatch`) has moved on."""

    def __init__(self, reason, *, code: str = "already_decided"):
        super().__init__(reason)
        self.reason = reason
        self.code = code
