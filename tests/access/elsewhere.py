"""What everybody meets where slug and ids do not belong together: the answer of something that does not exist."""

from tests.access.table import read

# The places are addresses, each asked for several organizations' objects (World.elsewhere): the root's, sub A's,
# sub B's, the outsider's, and an archived organization's. `*` stands for every route that has no row of its own.
# A member who may not do a thing to anything here is told so (x) before the object is looked for.

ELSEWHERE = read("""
*                             root       .--....-.   .--....-.
*                             sub-a      .----..-.   .----..-.
*                             sub-b      .--..-.-.   .--..-.-.
*                             outsider   ......--.   ......--.
*                             archived   .---.---.   .---.---.

archive-sub-organization      root       .-x....-.   .-x....-.
archive-sub-organization      sub-a      .-xxx..-.   .-xxx..-.
archive-sub-organization      sub-b      .-x..x.-.   .-x..x.-.
restore-sub-organization      root       mmmmmmmmm   .-x....-.
restore-sub-organization      sub-a      mmmmmmmmm   .-xxx..-.
restore-sub-organization      sub-b      mmmmmmmmm   .-x..x.-.
destroy-sub-organization      root       .-x....-.   .-x....-.
destroy-sub-organization      sub-a      .-xxx..-.   .-xxx..-.
destroy-sub-organization      sub-b      .-x..x.-.   .-x..x.-.
change-role                   root       mmmmmmmmm   .-x....-.
change-role                   sub-a      mmmmmmmmm   .-x-x..-.
change-role                   sub-b      mmmmmmmmm   .-x..x.-.
remove-member                 root       mmmmmmmmm   .-x....-.
remove-member                 sub-a      mmmmmmmmm   .-x-x..-.
remove-member                 sub-b      mmmmmmmmm   .-x..x.-.
revoke-invitation             root       mmmmmmmmm   .-x....-.
revoke-invitation             sub-a      mmmmmmmmm   .-x-x..-.
revoke-invitation             sub-b      mmmmmmmmm   .-x..x.-.
revoke-token                  root       mmmmmmmmm   .-x....-.
revoke-token                  sub-a      mmmmmmmmm   .-x-x..-.
revoke-token                  sub-b      mmmmmmmmm   .-x..x.-.
sync-now                      root       mmmmmmmmm   .-x....-.
sync-now                      sub-a      mmmmmmmmm   .-x--..-.
sync-now                      sub-b      mmmmmmmmm   .-x..-.-.
retry-sync                    root       mmmmmmmmm   .-x....-.
retry-sync                    sub-a      mmmmmmmmm   .-x--..-.
retry-sync                    sub-b      mmmmmmmmm   .-x..-.-.
answer-hold                   root       mmmmmmmmm   .-x....-.
answer-hold                   sub-a      mmmmmmmmm   .-x-x..-.
answer-hold                   sub-b      mmmmmmmmm   .-x..x.-.
decide-approval               root       mmmmmmmmm   .-x....x.
decide-approval               sub-a      mmmmmmmmm   .-xxx..x.
decide-approval               sub-b      mmmmmmmmm   .-x..x.x.
decide-approval               outsider   mmmmmmmmm   ......-x.
download-apple-object         root       .-x....-.   mmmmmmmmm
download-apple-object         sub-a      .-x--..-.   mmmmmmmmm
download-apple-object         sub-b      .-x..-.-.   mmmmmmmmm
download-credential           root       .-x....-.   mmmmmmmmm
download-credential           sub-a      .-x--..-.   mmmmmmmmm
download-credential           sub-b      .-x..-.-.   mmmmmmmmm
fetch-apple-object            root       mmmmmmmmm   .-x....-.
fetch-apple-object            sub-a      mmmmmmmmm   .-x--..-.
fetch-apple-object            sub-b      mmmmmmmmm   .-x..-.-.
renew-certificate             root       .-x....x.   .-x....x.
renew-certificate             sub-a      .-x-x..x.   .-x-x..x.
renew-certificate             sub-b      .-x..x.x.   .-x..x.x.
renew-certificate             outsider   ......-x.   ......-x.
revoke-certificate            root       .-x....x.   .-x....x.
revoke-certificate            sub-a      .-x-x..x.   .-x-x..x.
revoke-certificate            sub-b      .-x..x.x.   .-x..x.x.
revoke-certificate            outsider   ......-x.   ......-x.
regenerate-profile            root       .-x....x.   .-x....x.
regenerate-profile            sub-a      .-x-x..x.   .-x-x..x.
regenerate-profile            sub-b      .-x..x.x.   .-x..x.x.
regenerate-profile            outsider   ......-x.   ......-x.
delete-profile                root       .-x....x.   .-x....x.
delete-profile                sub-a      .-x-x..x.   .-x-x..x.
delete-profile                sub-b      .-x..x.x.   .-x..x.x.
delete-profile                outsider   ......-x.   ......-x.
change-device                 root       .-x....x.   .-x....x.
change-device                 sub-a      .-x-x..x.   .-x-x..x.
change-device                 sub-b      .-x..x.x.   .-x..x.x.
change-device                 outsider   ......-x.   ......-x.
revoke-device-invitation      root       mmmmmmmmm   .-x....x.
revoke-device-invitation      sub-a      mmmmmmmmm   .-x-x..x.
revoke-device-invitation      sub-b      mmmmmmmmm   .-x..x.x.
revoke-device-invitation      outsider   mmmmmmmmm   ......-x.
decide-device-request         root       mmmmmmmmm   .-x....x.
decide-device-request         sub-a      mmmmmmmmm   .-x-x..x.
decide-device-request         sub-b      mmmmmmmmm   .-x..x.x.
decide-device-request         outsider   mmmmmmmmm   ......-x.
change-bundle-id              root       .-x....x.   .-x....x.
change-bundle-id              sub-a      .-x-x..x.   .-x-x..x.
change-bundle-id              sub-b      .-x..x.x.   .-x..x.x.
change-bundle-id              outsider   ......-x.   ......-x.
delete-bundle-id              root       .-x....x.   .-x....x.
delete-bundle-id              sub-a      .-x-x..x.   .-x-x..x.
delete-bundle-id              sub-b      .-x..x.x.   .-x..x.x.
delete-bundle-id              outsider   ......-x.   ......-x.

credential-usage              root       .-x....-.   mmmmmmmmm
credential-usage              sub-a      .-x-x..-.   mmmmmmmmm
credential-usage              sub-b      .-x..x.-.   mmmmmmmmm
""")
