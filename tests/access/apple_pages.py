"""What every member of the cast meets on the pages of Apple's side (tests/access/pages.py has the others, and says how
to read this)."""

from tests.access.table import read

APPLE_PAGES = read("""
# Syncs
key-progress                  root       Loo----oL   mmmmmmmmm
key-progress                  sub        Loooo--oL   mmmmmmmmm
key-progress                  shared     Loooo--oL   mmmmmmmmm
key-progress                  everyone   Loo--o-oL   mmmmmmmmm
sync-now                      root       mmmmmmmmm   L>x---->L
sync-now                      sub        mmmmmmmmm   L>x>>-->L
sync-now                      shared     mmmmmmmmm   L>x>>-->L
sync-now                      everyone   mmmmmmmmm   L>x-->->L
syncs                         root       Loo----oL   mmmmmmmmm
syncs                         sub        Loooo--oL   mmmmmmmmm
syncs                         everyone   Loo--o-oL   mmmmmmmmm
sync                          root       Loo----oL   mmmmmmmmm
sync                          sub        Loooo--oL   mmmmmmmmm
sync                          shared     Loooo--oL   mmmmmmmmm
sync                          everyone   Loo--o-oL   mmmmmmmmm

# Apple's objects
retry-sync                    root       mmmmmmmmm   L>x---->L
retry-sync                    sub        mmmmmmmmm   L>x>>-->L
retry-sync                    shared     mmmmmmmmm   L>x>>-->L
retry-sync                    everyone   mmmmmmmmm   L>x-->->L
drift                         root       Loo----oL   mmmmmmmmm
drift                         sub        Loooo--oL   mmmmmmmmm
drift                         everyone   Loo--o-oL   mmmmmmmmm
answer-hold                   root       mmmmmmmmm   L>x---->L
answer-hold                   sub        mmmmmmmmm   L>x>x-->L
answer-hold                   shared     mmmmmmmmm   L-x-x---L
answer-hold                   everyone   mmmmmmmmm   L-x--x--L

# Changing things at Apple: owners and admins, in the organization whose team it is. No operator does
create-certificate            root       Lox----xL   L>x----xL
create-certificate            sub        Loxox--xL   L>x>x--xL
create-certificate            everyone   Lox--x-xL   L!x--x-xL
register-devices              root       Lox----xL   L>x----xL
register-devices              sub        Loxox--xL   L>x>x--xL
register-devices              everyone   Lox--x-xL   L!x--x-xL
device-invitations            root       Lox----xL   LOx----xL
device-invitations            sub        Loxox--xL   LOxOx--xL
device-invitations            everyone   Lox--x-xL   L!x--x-xL
revoke-device-invitation      root       mmmmmmmmm   L>x----xL
revoke-device-invitation      sub        mmmmmmmmm   L>x>x--xL
decide-device-request         root       mmmmmmmmm   L>x----xL
decide-device-request         sub        mmmmmmmmm   L>x>x--xL
register-bundle-id            root       Lox----xL   L>x----xL
register-bundle-id            sub        Loxox--xL   L>x>x--xL
register-bundle-id            everyone   Lox--x-xL   L!x--x-xL
create-profile                root       Lox----xL   L>x----xL
create-profile                sub        Loxox--xL   L>x>x--xL
create-profile                everyone   L!x--x-xL   L!x--x-xL
renew-certificate             root       Lox----xL   L>x----xL
renew-certificate             sub        Loxox--xL   L>x>x--xL
renew-certificate             shared     Lxxxx--xL   Lxxxx--xL
renew-certificate             everyone   Lxx--x-xL   Lxx--x-xL
revoke-certificate            root       Lox----xL   L>x----xL
revoke-certificate            sub        Loxox--xL   L>x>x--xL
revoke-certificate            shared     Lxxxx--xL   Lxxxx--xL
revoke-certificate            everyone   Lxx--x-xL   Lxx--x-xL
regenerate-profile            root       Lox----xL   L>x----xL
regenerate-profile            sub        Loxox--xL   L>x>x--xL
regenerate-profile            shared     Lxxxx--xL   Lxxxx--xL
regenerate-profile            everyone   Lxx--x-xL   Lxx--x-xL
delete-profile                root       Lox----xL   L>x----xL
delete-profile                sub        Loxox--xL   L>x>x--xL
delete-profile                shared     Lxxxx--xL   Lxxxx--xL
delete-profile                everyone   Lxx--x-xL   Lxx--x-xL
change-device                 root       Lox----xL   L>x----xL
change-device                 sub        Loxox--xL   L>x>x--xL
change-device                 shared     Lxxxx--xL   Lxxxx--xL
change-device                 everyone   Lxx--x-xL   Lxx--x-xL
change-bundle-id              root       Lox----xL   L>x----xL
change-bundle-id              sub        Loxox--xL   L>x>x--xL
change-bundle-id              shared     Lxxxx--xL   Lxxxx--xL
change-bundle-id              everyone   Lxx--x-xL   Lxx--x-xL
delete-bundle-id              root       Lox----xL   L>x----xL
delete-bundle-id              sub        Loxox--xL   L>x>x--xL
delete-bundle-id              shared     Lxxxx--xL   Lxxxx--xL
delete-bundle-id              everyone   Lxx--x-xL   Lxx--x-xL

# Several at once: no page of their own to begin with, and the preview that is posted orders nothing by itself
change-profiles               root       mmmmmmmmm   L>x----xL
change-profiles               sub        mmmmmmmmm   L>x>x--xL
change-profiles               shared     mmmmmmmmm   Lxxxx--xL
change-profiles               everyone   mmmmmmmmm   Lxx--x-xL
change-certificates           root       mmmmmmmmm   L>x----xL
change-certificates           sub        mmmmmmmmm   L>x>x--xL
change-certificates           shared     mmmmmmmmm   Lxxxx--xL
change-certificates           everyone   mmmmmmmmm   Lxx--x-xL
change-devices                root       mmmmmmmmm   L>x----xL
change-devices                sub        mmmmmmmmm   L>x>x--xL
change-devices                shared     mmmmmmmmm   Lxxxx--xL
change-devices                everyone   mmmmmmmmm   Lxx--x-xL
download-profiles             root       mmmmmmmmm   LOx----OL
download-profiles             sub        mmmmmmmmm   LOxOO--OL
download-profiles             shared     mmmmmmmmm   LOxOO--OL
download-profiles             everyone   mmmmmmmmm   LOx--O-OL

apple-objects                 root       Loo----oL   mmmmmmmmm
apple-objects                 sub        Loooo--oL   mmmmmmmmm
apple-objects                 everyone   Loo--o-oL   mmmmmmmmm
apple-object                  root       Loo----oL   mmmmmmmmm
apple-object                  sub        Loooo--oL   mmmmmmmmm
apple-object                  shared     Loooo--oL   mmmmmmmmm
apple-object                  everyone   Loo--o-oL   mmmmmmmmm
download-apple-object         root       LOx----OL   mmmmmmmmm
download-apple-object         sub        LOxOO--OL   mmmmmmmmm
download-apple-object         shared     LOxOO--OL   mmmmmmmmm
download-apple-object         everyone   LOx--O-OL   mmmmmmmmm
fetch-apple-object            root       mmmmmmmmm   L>x---->L
fetch-apple-object            sub        mmmmmmmmm   L>x>>-->L
fetch-apple-object            shared     mmmmmmmmm   L>x>>-->L
fetch-apple-object            everyone   mmmmmmmmm   L>x-->->L
fetch-progress                root       Loo----oL   mmmmmmmmm
fetch-progress                sub        Loooo--oL   mmmmmmmmm
fetch-progress                shared     Loooo--oL   mmmmmmmmm
fetch-progress                everyone   Loo--o-oL   mmmmmmmmm
""")
