"""Gives the forms of the sign-in pages the status codes that all our forms have."""

TOO_MANY = {"too_many_login_attempts", "rate_limited"}
RETRY_AFTER_SECONDS = 300


class FormAnswers:
    """A form with errors answers 422, and 429 when there were too many tries."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code == 429:
            response.headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
        return response

    def process_template_response(self, request, response):
        form = (response.context_data or {}).get("form")
        if response.status_code == 200 and request.method == "POST" and getattr(form, "errors", None):
            codes = {error.code for errors in form.errors.as_data().values() for error in errors}  # type: ignore[union-attr]
            response.status_code = 429 if codes & TOO_MANY else 422
        return response
