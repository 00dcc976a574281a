"""A worker without a doorbell: it finds what is due by itself."""

import threading

import pytest
from pytest_django import Settings

from appstore.models import AppStoreConnectKey, SyncRun
from appstore.poller import Poller, tick
from organizations.models import DeliveryState, Webhook
from tests import factories
from tests.appstore.apple import Apple
from tests.organizations.receiving import receiving


def test_a_tick_asks_for_what_the_clock_asks_for(apple: Apple, key: AppStoreConnectKey) -> None:
    assert tick()
    assert SyncRun.objects.filter(kind=SyncRun.Kind.CANARY).exists()


@pytest.mark.django_db(transaction=True)
def test_it_does_what_is_due_and_rings_for_nobody(
    apple: Apple, monkeypatch: pytest.MonkeyPatch, doorbell: list[object]
) -> None:
    key = apple.upload(factories.make_root("Acme"))
    doorbell.clear()
    monkeypatch.setattr("appstore.poller.signal.signal", lambda *_: None)
    monkeypatch.setattr("appstore.poller.IDLE_SECONDS", 0.05)
    monkeypatch.setattr("appstore.poller.CLOCK_SECONDS", 0.05)
    poller = Poller(2)
    thread = threading.Thread(target=poller.run)
    thread.start()
    try:
        for _ in range(200):
            if SyncRun.objects.filter(kind=SyncRun.Kind.SYNC, state="SUCCEEDED").exists():
                break
            threading.Event().wait(0.1)
    finally:
        poller.stop()
        thread.join(timeout=20)
    assert not thread.is_alive()
    assert set(SyncRun.objects.filter(key=key).values_list("kind", "state")) == {
        ("CHECK", "SUCCEEDED"),
        ("SYNC", "SUCCEEDED"),
    }


@pytest.mark.django_db(transaction=True)
def test_it_delivers_to_webhooks(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.CREDHUB_OUTGOING_ALLOW = ["127.0.0.1"]
    monkeypatch.setattr("appstore.poller.signal.signal", lambda *_: None)
    monkeypatch.setattr("appstore.poller.CLOCK_SECONDS", 0.05)
    monkeypatch.setattr("appstore.poller.tick", lambda: True)
    poller = Poller(1)
    with receiving() as receiver:
        delivery = factories.make_delivery(factories.make_root("Acme"))
        Webhook.objects.update(url=receiver.url)
        thread = threading.Thread(target=poller.run)
        thread.start()
        try:
            for _ in range(200):
                delivery.refresh_from_db()
                if delivery.state == DeliveryState.DELIVERED:
                    break
                threading.Event().wait(0.1)
        finally:
            poller.stop()
            thread.join(timeout=20)
    assert delivery.state == DeliveryState.DELIVERED
    assert len(receiver.got) == 1
