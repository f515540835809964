"""Flask extensions: made here once, bound to the application in webapp.app."""

from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

babel = Babel()
csrf = CSRFProtect()
limiter = Limiter(
    key_func=get_remote_address, strategy="sliding-window-counter", in_memory_fallback_enabled=True
)
login_manager = LoginManager()
migrate = Migrate()
