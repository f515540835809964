"""Who acts in a cell, each in a process of its own: senders, workers, clocks, a web server, a person."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from jobs import stopping
from jobs.clock import keep_ringing
from jobs.ring_again import ring_again
from jobs.worker import performer
from webapp.core import failpoints
from webapp.core.db import db
from webapp.events import queries as events
from webapp.job_names import JobName
from webapp.messaging.messages import services
from webapp.messaging.messages.models import Delivery

EVERY_S = 0.08


def send(app: Flask, connection_id: int) -> None:
    """Be rung for the connection's mail again and again until asked to stop."""
    perform = performer(app)
    while not stopping.is_requested():
        perform(JobName.DELIVER_MAIL, connection_id)
        stopping.wait(EVERY_S)


def work(app: Flask) -> None:
    """Be rung for every part with undone events again and again until asked to stop."""
    perform = performer(app)
    while not stopping.is_requested():
        with app.app_context():
            parts = events.list_parts_with_undone()
            db.session.remove()
        for part in parts:
            perform(JobName.DISPATCH_EVENTS, part)
        stopping.wait(EVERY_S)


def sweep(app: Flask) -> None:
    """Look once for what dead senders left, as the clock does."""
    with app.app_context():
        ring_again()


def tick(app: Flask) -> None:
    """Be the clock until asked to stop."""
    keep_ringing(app, app.config["VESTNIK"].ring_again_every)


def serve(app: Flask, port: int) -> None:
    """Be the web server on the port."""
    failpoints.init_app(app)  # the order came after the application was made
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while not stopping.wait(1.0):
        pass


def cancel(app: Flask, delivery_id: int, actor_id: int, answer: Path) -> None:
    """Cancel a delivery as its page does, and write down when that was shown, if it was."""
    with app.app_context():
        delivery = db.session.get(Delivery, delivery_id)
        assert delivery is not None
        try:
            services.cancel(delivery, actor_id=actor_id)
            db.session.commit()
        except services.TooLate:
            db.session.rollback()
            return
    answer.write_text(json.dumps({str(delivery_id): time.time()}), encoding="utf-8")
