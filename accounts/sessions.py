"""Sessions in the database, found by their user."""

from django.contrib.sessions.backends import db

from accounts.models import Session


class SessionStore(db.SessionStore):
    """SESSION_ENGINE: like Django's own, and each row knows whose it is."""

    @classmethod
    def get_model_class(cls):
        return Session

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.user_id = data.get("_auth_user_id")  # type: ignore[attr-defined]
        return row
