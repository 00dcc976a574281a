import time, cProfile, pstats
from tests import factories
def test_x(cast, apple, issued, worker):
    t=time.perf_counter()
    k = factories.make_key(cast.root, p8=issued.p8, key_id=issued.key_id, issuer_id=issued.issuer_id)
    worker.wait_until_idle()
    print("sync", time.perf_counter()-t)
    from appstore.models import SyncRun
    from appstore import runs
    rung=[]
    import appstore.doorbell
    appstore.doorbell.ring=rung.append
    from organizations.actors import SYSTEM
    r=SyncRun.request_sync(SYSTEM,k.team,"MANUAL")
    pr=cProfile.Profile(); pr.enable()
    t=time.perf_counter()
    runs.perform(r.pk)
    print("again", time.perf_counter()-t)
    pr.disable(); pstats.Stats(pr).sort_stats("cumtime").print_stats(45)
