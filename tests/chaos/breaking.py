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

FOR_WORK = 2.0  # seconds that workers are given to have something to lose
FOR_A_RIVAL = 12.0  # seconds after the end of a lease: a sweep, and what may be queued before it
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
        self._faults = bad_days(house.accounts, random.Random(f"{plan.seed}/apple"), plan.lease)
        keys = house.database.rows("SELECT key_id, team_id FROM appstore_appstoreconnectkey")
        self._team_of = {row["key_id"]: str(row["team_id"]) for row in keys}
        # In the order of the accounts and not of ids, which are others in every run
        self._teams = [self._team_of[account.keys[0].key_id] for account in house.accounts]
        self._large = [self._team_of[each.keys[0].key_id] for each in house.accounts if each.is_large]

    def run(self) -> None:
        for number, action in enumerate(self.plan.actions()):
            if number % 3 == 0:
                self._make_due(6)
            if number % 4 == 0 and product.tick(self.plan.schedulers):
                self.done["ticks of all schedulers at once"] += 1
            self.done["workers that ended by themselves"] += self.house.look_after()
            getattr(self, f"_{action}")()
            time.sleep(self.chance.uniform(0, 2 * self.plan.pace))

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
        victim = self._busy_worker()
        self.done["workers killed"] += 1
        self.done["… of these with a run in their hands"] += bool(self._runs_of(victim.pid))
        victim.kill()
        self.house.workers.remove(victim)
        self.house.start_worker()

    def _freeze_worker(self) -> None:
        """Until another is in the middle of one of its runs: then it goes on, and must not write."""
        self._ask(self._large, self.house.database.one("SELECT clock_timestamp()"))
        for key in [key for key, team in self._team_of.items() if team in self._large]:
            self.house.apple.inject(path="/v1/", kind="slow", delay=0.6, times=6, key_id=key)
        victim = self._busy_worker()
        victim.freeze()
        runs = self._runs_of(victim.pid)
        deadline = time.monotonic() + (self.plan.lease + FOR_A_RIVAL if runs else 0)
        while not (has_rival := self._has_rival(runs, victim.pid)) and time.monotonic() < deadline:
            time.sleep(0.05)
        victim.thaw()
        self.done["workers frozen for longer than a lease"] += 1
        self.done["… of these woken while another had their run"] += has_rival

    def _busy_worker(self) -> Process:
        """One with a run in its hands, if there is one within a moment."""
        deadline = time.monotonic() + FOR_WORK
        workers = self.chance.sample(self.house.workers, len(self.house.workers))
        while time.monotonic() < deadline:
            for worker in workers:
                if self._runs_of(worker.pid):
                    return worker
            time.sleep(0.02)
        return workers[0]

    def _runs_of(self, pid: int) -> list[str]:
        rows = self.house.database.rows(
            "SELECT id FROM appstore_syncrun "
            "WHERE state = 'RUNNING' AND kind = 'SYNC' AND lease_until > now() AND lease_owner LIKE %(owner)s",
            owner=f"%:{pid}",
        )
        return [str(row["id"]) for row in rows]

    def _has_rival(self, runs: list[str], pid: int) -> bool:
        found = self.house.database.rows(
            "SELECT 1 FROM appstore_syncrun WHERE id = ANY(%(runs)s::uuid[]) AND state = 'RUNNING' "
            "AND lease_owner NOT LIKE %(owner)s LIMIT 1",
            runs=runs,
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
