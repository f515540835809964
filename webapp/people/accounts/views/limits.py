"""How often one may try to sign in: slow for who guesses, open for who belongs here.

Only failures count. From one address, and from one address for one account, few are allowed. For one
account from anywhere more are, and these do not stop a browser in which that account has signed in before:
otherwise anybody could lock anybody out.
"""

from __future__ import annotations

import hashlib
import math
import time

from flask import Response, make_response, render_template, request
from flask_babel import ngettext
from flask_limiter import RequestLimit
from flask_limiter.util import get_remote_address

from webapp.core.extensions import limiter
from webapp.people.accounts import queries
from webapp.people.accounts.forms import SignInForm
from webapp.people.accounts.views.browser import is_known_device


def is_failure(response: Response) -> bool:
    """Count only tries that did not succeed."""
    return response.status_code == 422


def too_many_tries(limit: RequestLimit) -> Response:
    """Show the form again with what was typed, and say how long to wait."""
    wait = max(1, math.ceil(limit.reset_at - time.time()))
    form = SignInForm()
    minutes = math.ceil(wait / 60)
    words = ngettext(
        "Too many tries. Wait %(num)d minute and try again.",
        "Too many tries. Wait %(num)d minutes and try again.",
        minutes,
    )
    form.form_errors.append(words)
    response = make_response(render_template("people/accounts/sign_in.html", form=form), 429)
    response.headers["Retry-After"] = str(wait)
    return response


def tried_account() -> str:
    """Return a word for the account that is tried, without its address."""
    email = queries.normal_email(request.form.get("email", "")[:320])
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def account_from_address() -> str:
    """Return a word for the account that is tried and for who tries it."""
    return f"{tried_account()} {get_remote_address()}"


def knows_the_account() -> bool:
    """Tell whether this browser has signed in to the account before."""
    return is_known_device(request.form.get("email", "")[:320])


from_one_address = limiter.limit(
    "20 per minute; 100 per hour", methods=["POST"], deduct_when=is_failure, on_breach=too_many_tries
)
from_one_address_for_one_account = limiter.limit(
    "5 per minute; 30 per hour",
    key_func=account_from_address,
    methods=["POST"],
    deduct_when=is_failure,
    on_breach=too_many_tries,
)
from_anywhere_for_one_account = limiter.limit(
    "50 per hour",
    key_func=tried_account,
    methods=["POST"],
    deduct_when=is_failure,
    exempt_when=knows_the_account,
    on_breach=too_many_tries,
)
making_the_first = limiter.limit("10 per minute", methods=["POST"])
asking_for_links = limiter.limit("10 per hour", methods=["POST"])
