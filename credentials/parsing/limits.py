"""How large a file of each kind may be, in bytes. One table for the parsers, the forms and the upload handler.

Real files are far smaller: a .p8 is about 250 bytes, a .p12 3 to 8 KiB, a profile 12 KiB, and a profile with
hundreds of devices and certificates stays below 200 KiB.
"""

KIB = 1024

P8 = 8 * KIB
P12 = 128 * KIB
PROFILE = 1024 * KIB
CERTIFICATE = 64 * KIB
KEYSTORE = 512 * KIB
SERVICE_ACCOUNT = 32 * KIB
HUAWEI_KEY = 32 * KIB
CREDENTIALS_JSON = 64 * KIB
DEVICE_ANSWER = 64 * KIB  # a device's own: some 5 KiB
# A zip of a folder, and what comes out of it: 2,000 files of a match repository are 22 MiB, packed 17
ARCHIVE = 24 * 1024 * KIB
ARCHIVE_UNPACKED = 48 * 1024 * KIB
ARCHIVED_FILE = 2 * 1024 * KIB

LARGEST_FILE = max(P8, P12, PROFILE, CERTIFICATE, KEYSTORE, SERVICE_ACCOUNT, HUAWEI_KEY)
# Uploaded at once. Each is read in a child process of its own, one after the other, while somebody waits.
MOST_FILES = 20
# A request with a file in it, its other fields and some room, so that a file that is too large by little is answered
# with a sentence. The proxy in front has the same limit (docs/deploy.md).
LARGEST_REQUEST = 16 * 1024 * KIB
# The same for what takes archives: one page, from people who are signed in, and one operation of the API
LARGEST_IMPORT = ARCHIVE + 1024 * KIB
