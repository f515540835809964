"""Every background job by its dotted name, so that webapp never imports jobs."""

from enum import StrEnum


class JobName(StrEnum):
    """A background job: the value is where its function lives."""

    DISPATCH_EVENTS = "jobs.dispatch_events.dispatch_events"
    DELIVER_MAIL = "jobs.deliver_mail.deliver_mail"
    CHECK_CONNECTION = "jobs.check_connection.check_connection"
    SETTLE_GROUP = "jobs.settle_group.settle_group"
    RECOUNT_DEADLINES = "jobs.recount_deadlines.recount_deadlines"
    FIRE_TIMERS = "jobs.fire_timers.fire_timers"
    REARM_TIMERS = "jobs.rearm_timers.rearm_timers"
    REHEARSE = "jobs.rehearse.rehearse"
    PRUNE = "jobs.prune_history.prune_history"
    PRUNE_FILES = "jobs.prune_files.prune_files"

    @property
    def queue(self) -> str:
        """The queue on which it waits; workers name the queues they serve."""
        return QUEUES[self]


QUEUES = {
    JobName.DISPATCH_EVENTS: "events",
    JobName.DELIVER_MAIL: "mail",
    JobName.CHECK_CONNECTION: "mail",
    JobName.SETTLE_GROUP: "slow",
    JobName.RECOUNT_DEADLINES: "slow",
    JobName.FIRE_TIMERS: "events",
    JobName.REARM_TIMERS: "slow",
    JobName.REHEARSE: "slow",
    JobName.PRUNE: "slow",
    JobName.PRUNE_FILES: "slow",
}
