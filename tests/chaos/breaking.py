"""The chaos itself: work is made due while one thing after the other breaks, in the seed's order."""

import random
import time
from collections import Counter
from datetime import datetime

from tests.chaos import product
from tests.chaos.bad_days import bad_days
from tests.chaos.house import House
from tests.chaos.plan import Plan
from tests.chaos.processes import Process

BEFORE_A_KILL = 2.0  # seconds that a worker is given to have something to lose
SWEEP = 5.0
HOURS = (-5, -2, -1, 1, 2, 5)


class Breaking:
    """`done`: what was done, how often. `dues`: which team's sync was made due, and when."""

    def __init__(self, plan: Plan, house: House) -> None:
        self.plan, self.house = plan, house
        self.done: Counter[str] = Counter()
        self.troubles: Counter[str] = Counter()
        self.not_offered: Counter[str] = Counter()
        self.dues: list[tuple[str, datetime]] = []
        self.chance = random.Random(f"{plan.seed}/breaking")
        self._frozen: list[tuple[float, Process]] = []  # until when
        self._faults = bad_days(house.accounts, random.Random(f"{plan.seed}/apple"), plan.lease)
        keys = house.database.rows("SELECT key_id, team_id FROM appstore_appstoreconnectkey")
        self._team_of = {row["key_id"]: str(row["team_id"]) for row in keys}
        # In the order of the accounts and not of ids, which are others in every run
        self._teams = [self._team_of[account.keys[0].key_id] for account in house.accounts]

    def run(self) -> None:
        for number, action in enumerate(self.plan.actions()):
            self._thaw()
            if number % 3 == 0:
                self._make_due(6)
            if number % 4 == 0 and product.tick(self.plan.schedulers):
                self.done["ticks of all schedulers at once"] += 1
            self.done["workers that ended by themselves"] += self.house.look_after()
            getattr(self, f"_{action}")()
            time.sleep(self.chance.uniform(0, 2 * self.plan.pace))
        while self._frozen:
            self._thaw()
            time.sleep(0.1)

    def _make_due(self, count: int) -> None:
        """Half by the schedule's own column, half as a request would."""
        chosen = self.chance.sample(self._teams, min(count, len(self._teams)))
        at = self.house.database.one("SELECT clock_timestamp()")
        by_schedule, by_request = chosen[::2], chosen[1::2]
        self.house.database.rows(
            "UPDATE appstore_developerteam SET next_sync_at = now() WHERE id = ANY(%(teams)s::uuid[])",
            teams=by_schedule,
        )
        self.dues += [(team, at) for team in by_schedule]
        self._ask(by_request, at)

    def _ask(self, teams: list[str], at: datetime) -> None:
        self.dues += [(team, at) for team in teams if product.ask_for_sync(team)]

    def _kill_worker(self) -> None:
        victim = self.house.lose_worker(self.chance)
        is_busy = self._wait_until_busy(victim)
        victim.kill()
        self.house.start_worker()
        self.done["workers killed"] += 1
        self.done["… of these with a run in their hands"] += is_busy

    def _freeze_worker(self) -> None:
        """For so long that another has its runs when it goes on."""
        frozen = {id(worker) for _, worker in self._frozen}
        awake = [worker for worker in self.house.workers if id(worker) not in frozen]
        victim = self.chance.choice(awake or self.house.workers)
        is_busy = self._wait_until_busy(victim)
        victim.freeze()
        until = time.monotonic() + self.plan.lease + SWEEP + self.chance.uniform(0, self.plan.lease)
        self._frozen.append((until, victim))
        self.done["workers frozen for longer than a lease"] += 1
        self.done["… of these frozen with a run in their hands"] += is_busy

    def _thaw(self) -> None:
        for until, worker in list(self._frozen):
            if time.monotonic() >= until:
                worker.thaw()
                self._frozen.remove((until, worker))

    def _wait_until_busy(self, worker: Process) -> bool:
        deadline = time.monotonic() + BEFORE_A_KILL
        while not (is_busy := self._is_busy(worker.pid)) and time.monotonic() < deadline:
            time.sleep(0.02)
        return is_busy

    def _is_busy(self, pid: int) -> bool:
        found = self.house.database.rows(
            "SELECT 1 FROM appstore_syncrun WHERE state = 'RUNNING' AND lease_owner LIKE %(owner)s LIMIT 1",
            owner=f"%:{pid}",
        )
        return bool(found)

    def _kill_redis(self) -> None:
        self.house.look_into_redis()
        self.house.redis.kill()
        time.sleep(self.chance.uniform(0.2, 2))
        self._make_due(2)
        time.sleep(self.chance.uniform(0.2, 2))
        self.house.redis.start()
        self.done["Redis killed, empty again"] += 1

    def _flush_redis(self) -> None:
        self.house.look_into_redis()
        self.house.redis.flush()
        self.done["Redis flushed"] += 1

    def _restart_postgres(self) -> None:
        self.house.postgres.restart_immediately()
        self.done["PostgreSQL restarted (immediate)"] += 1

    def _step_clock(self) -> None:
        clock = self.house.clock
        if clock.is_ahead_by:
            clock.set_right()
        else:
            clock.step(self.chance.choice(HOURS))
        self.done["steps of the clock"] += 1

    def _trouble_at_apple(self) -> None:
        """And a sync of the team that it waits for."""
        fault = next(self._faults)
        if not self.house.apple.inject(**fault):
            self.not_offered[fault["kind"]] += 1
            return
        self.troubles[fault["kind"]] += 1
        self._ask([self._team_of[fault["key_id"]]], self.house.database.one("SELECT clock_timestamp()"))

    def _restart_apple(self) -> None:
        changes = self.house.apple.restart(self.house.accounts, self.chance)
        self.done["Apple away for a moment"] += 1
        self.done["objects added, removed or brought back meanwhile"] += changes

    def _remove_at_apple(self) -> None:
        account = self.chance.choice(self.house.accounts)
        self.done["objects removed at Apple"] += self.house.apple.remove(account.team.team_id, self.chance)
