"""What a worker has loaded when it begins stays: the garbage collector need not look at it again and again.

It would once in each large sync, for a tenth of a second in which none of the worker's threads does anything.
"""

import gc


def keep_what_is_loaded() -> None:
    gc.collect()
    gc.freeze()
