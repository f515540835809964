"""Forms of sign-in, profile, accounts and teams."""

from webapp.people.accounts.forms.accounts import AccountForm, NewAccountForm, SetPasswordForm
from webapp.people.accounts.forms.profile import ChangePasswordForm, ProfileForm
from webapp.people.accounts.forms.sign_in import (
    FirstTechnologistForm,
    ForgottenPasswordForm,
    NewPasswordForm,
    SignInForm,
)
from webapp.people.accounts.forms.teams import TeamForm

__all__ = [
    "AccountForm",
    "ChangePasswordForm",
    "FirstTechnologistForm",
    "ForgottenPasswordForm",
    "NewAccountForm",
    "NewPasswordForm",
    "ProfileForm",
    "SetPasswordForm",
    "SignInForm",
    "TeamForm",
]
