"""What every member of the cast meets on every page of an organization."""

from tests.access.apple_pages import APPLE_PAGES
from tests.access.table import read

# The places (made by tests/access/world.py):
#   root       the root's own objects, at the root's addresses
#   sub        sub A's own objects, at sub A's addresses
#   shared     what the root shares with sub A, at sub A's addresses: read and used there, changed at the root only
#   everyone   what the root shares with all sub-organizations, at sub B's addresses
#
# The nine columns: anonymous, root owner, root viewer, sub A admin, sub A developer, sub B developer, outsider,
# operator, CI. The letters: tests/access/table.py.

PAGES = (
    read("""
# The organization
overview                      root       Loo----oL   mmmmmmmmm
overview                      sub        Loooo--oL   mmmmmmmmm
overview                      everyone   Loo--o-oL   mmmmmmmmm
activity                      root       Lox----oL   mmmmmmmmm
activity                      sub        Loxox--oL   mmmmmmmmm
activity                      everyone   Lox--x-oL   mmmmmmmmm
usage                         root       Lox----oL   mmmmmmmmm
usage                         sub        Loxox--oL   mmmmmmmmm
usage                         everyone   Lox--x-oL   mmmmmmmmm
usage-file                    root       LOx----OL   mmmmmmmmm
usage-file                    sub        LOxOx--OL   mmmmmmmmm
usage-file                    everyone   LOx--x-OL   mmmmmmmmm
credential-usage              root       Lox----oL   mmmmmmmmm
credential-usage              sub        Loxox--oL   mmmmmmmmm
credential-usage              shared     Loxox--oL   mmmmmmmmm
credential-usage              everyone   Lox--x-oL   mmmmmmmmm
organization-settings         root       Lox----oL   L>x---->L
organization-settings         sub        Loxxx--oL   L>xxx-->L
organization-settings         everyone   Lox--x-oL   L>x--x->L
require-second-factor         root       mmmmmmmmm   L=x----=L
require-second-factor         sub        mmmmmmmmm   L-xxx---L
require-reveal-approval       root       mmmmmmmmm   L=x----xL
require-reveal-approval       sub        mmmmmmmmm   L-xxx--xL
sub-organizations             root       Lox----oL   L>x---->L
sub-organizations             sub        L-xxx---L   L-xxx---L
archive-sub-organization      root       Lox----oL   L>x---->L
archive-sub-organization      sub        L-xxx---L   L-xxx---L
restore-sub-organization      root       mmmmmmmmm   L>x---->L
restore-sub-organization      sub        mmmmmmmmm   L-xxx---L
destroy-sub-organization      root       L=x----=L   L=x----=L
destroy-sub-organization      sub        L-xxx---L   L-xxx---L

# Its people
members                       root       Loo----oL   mmmmmmmmm
members                       sub        Loooo--oL   mmmmmmmmm
members                       everyone   Loo--o-oL   mmmmmmmmm
invite                        root       mmmmmmmmm   LOx----OL
invite                        sub        mmmmmmmmm   LOxOx--OL
invite                        everyone   mmmmmmmmm   LOx--x-OL
change-role                   root       mmmmmmmmm   L>x---->L
change-role                   sub        mmmmmmmmm   L>x>x-->L
remove-member                 root       mmmmmmmmm   L>x---->L
remove-member                 sub        mmmmmmmmm   L>x>x-->L
revoke-invitation             root       mmmmmmmmm   L>x---->L
revoke-invitation             sub        mmmmmmmmm   L>x>x-->L
tokens                        root       Lox----oL   L=x----=L
tokens                        sub        Loxox--oL   L=x=x--=L
tokens                        everyone   Lox--x-oL   L=x--x-=L
revoke-token                  root       mmmmmmmmm   L>x---->L
revoke-token                  sub        mmmmmmmmm   L>x>x-->L
rotate-token                  root       Lox----oL   L=x----=L
rotate-token                  sub        Loxox--oL   L=x=x--=L
trusted-providers             root       Lox----oL   mmmmmmmmm
trusted-providers             sub        Loxox--oL   mmmmmmmmm
trusted-providers             everyone   Lox--x-oL   mmmmmmmmm
trust-provider                root       Lox----oL   L=x----=L
trust-provider                sub        Loxox--oL   L=x=x--=L
trust-provider                everyone   Lox--x-oL   L=x--x-=L
remove-provider               root       mmmmmmmmm   L>x---->L
remove-provider               sub        mmmmmmmmm   L>x>x-->L

webhooks                      root       Lox----oL   mmmmmmmmm
webhooks                      sub        Loxox--oL   mmmmmmmmm
webhooks                      everyone   Lox--x-oL   mmmmmmmmm
add-webhook                   root       Lox----oL   L=x----=L
add-webhook                   sub        Loxox--oL   L=x=x--=L
add-webhook                   everyone   Lox--x-oL   L=x--x-=L
webhook                       root       Lox----oL   mmmmmmmmm
webhook                       sub        Loxox--oL   mmmmmmmmm
change-webhook                root       Lox----oL   L=x----=L
change-webhook                sub        Loxox--oL   L=x=x--=L
replace-webhook-secret        root       mmmmmmmmm   L=x----=L
replace-webhook-secret        sub        mmmmmmmmm   L=x=x--=L
delete-webhook                root       Lox----oL   L>x---->L
delete-webhook                sub        Loxox--oL   L>x>x-->L
test-webhook                  root       mmmmmmmmm   L>x---->L
test-webhook                  sub        mmmmmmmmm   L>x>x-->L
turn-webhook                  root       mmmmmmmmm   L>x---->L
turn-webhook                  sub        mmmmmmmmm   L>x>x-->L
deliver-again                 root       mmmmmmmmm   L>x---->L
deliver-again                 sub        mmmmmmmmm   L>x>x-->L

# Credentials
credentials                   root       Loo----oL   mmmmmmmmm
credentials                   sub        Loooo--oL   mmmmmmmmm
credentials                   everyone   Loo--o-oL   mmmmmmmmm
credential                    root       Loo----oL   mmmmmmmmm
credential                    sub        Loooo--oL   mmmmmmmmm
credential                    shared     Loooo--oL   mmmmmmmmm
credential                    everyone   Loo--o-oL   mmmmmmmmm
rename-credential             root       Lox----oL   L>x---->L
rename-credential             sub        Loxox--oL   L>x>x-->L
rename-credential             shared     Lxxxx--xL   Lxxxx--xL
rename-credential             everyone   Lxx--x-xL   Lxx--x-xL
archive-credential            root       Lox----oL   L>x---->L
archive-credential            sub        Loxox--oL   L>x>x-->L
archive-credential            shared     Lxxxx--xL   Lxxxx--xL
archive-credential            everyone   Lxx--x-xL   Lxx--x-xL
restore-credential            root       mmmmmmmmm   L>x---->L
restore-credential            sub        mmmmmmmmm   L>x>x-->L
restore-credential            shared     mmmmmmmmm   Lxxxx--xL
restore-credential            everyone   mmmmmmmmm   Lxx--x-xL
share-credential              root       Lox----oL   L>x---->L
share-credential              sub        Loxox--oL   L>x>x-->L
share-credential              shared     Lxxxx--xL   Lxxxx--xL
share-credential              everyone   Lxx--x-xL   Lxx--x-xL
add-app-store-connect-key     root       Lox----oL   L>x---->L
add-app-store-connect-key     sub        Loxox--oL   L>x>x-->L
add-app-store-connect-key     everyone   Lox--x-oL   L>x--x->L
choose-kind                   root       Lox----oL   mmmmmmmmm
choose-kind                   sub        Loxox--oL   mmmmmmmmm
choose-kind                   everyone   Lox--x-oL   mmmmmmmmm
add-credential                root       Lox----oL   L>x---->L
add-credential                sub        Loxox--oL   L>x>x-->L
add-credential                everyone   Lox--x-oL   L>x--x->L
generate-credential           root       Lox----oL   L>x---->L
generate-credential           sub        Loxox--oL   L>x>x-->L
generate-credential           everyone   Lox--x-oL   L>x--x->L
replace-credential             root       Lox----oL   L>x---->L
replace-credential            sub        Loxox--oL   L>x>x-->L
replace-credential            shared     Lxxxx--xL   Lxxxx--xL
replace-credential            everyone   Lxx--x-xL   Lxx--x-xL
download-credential           root       LOx----OL   mmmmmmmmm
download-credential           sub        LOxOO--OL   mmmmmmmmm
download-credential           shared     LOxOO--OL   mmmmmmmmm
download-credential           everyone   LOx--O-OL   mmmmmmmmm

# Apps: an organization's own. Owners and admins change them, and no operator does
apps                          root       Loo----oL   mmmmmmmmm
apps                          sub        Loooo--oL   mmmmmmmmm
apps                          everyone   Loo--o-oL   mmmmmmmmm
add-app                       root       Lox----xL   L>x----xL
add-app                       sub        Loxox--xL   L>x>x--xL
add-app                       everyone   Lox--x-xL   L>x--x-xL
app                           root       Loo----oL   mmmmmmmmm
app                           sub        Loooo--oL   mmmmmmmmm
app                           shared     L-------L   mmmmmmmmm
app                           everyone   L-------L   mmmmmmmmm
app-extensions                root       Lox----xL   L>x----xL
app-extensions                sub        Loxox--xL   L>x>x--xL
app-settings                  root       Lox----xL   L>x----xL
app-settings                  sub        Loxox--xL   L>x>x--xL
app-slot                      root       Lox----xL   L>x----xL
app-slot                      sub        Loxox--xL   L>x>x--xL
remove-app                    root       Lox----xL   L>x----xL
remove-app                    sub        Loxox--xL   L>x>x--xL
ensure-signing                root       Lox----xL   L>x----xL
ensure-signing                sub        Loxox--xL   L>x>x--xL
# Moving in and out. Importing is adding; a set for export holds profiles alone but for owners, who are asked to show
# who they are first
imports                       root       Lox----oL   L>x---->L
imports                       sub        Loxox--oL   L>x>x-->L
imports                       everyone   Lox--x-oL   L>x--x->L
import                        root       Lox----oL   L>x---->L
import                        sub        Loxox--oL   L>x>x-->L
export                        root       L=x----oL   L=x----=L
export                        sub        L=xoo--oL   L=x==--=L
export                        everyone   L=x--o-oL   L=x--=-=L

# Seeing a secret: owners alone, who are asked to show who they are first (nobody of the cast just has). Turning it
# off, and turning somebody's request down, needs no such thing
reveal-credential             root       L=x----xL   L=x----xL
reveal-credential             sub        L=xxx--xL   L=xxx--xL
reveal-credential             shared     Lxxxx--xL   Lxxxx--xL
reveal-credential             everyone   Lxx--x-xL   Lxx--x-xL
allow-reveal                  root       mmmmmmmmm   L>x----xL
allow-reveal                  sub        mmmmmmmmm   L>xxx--xL
allow-reveal                  shared     mmmmmmmmm   Lxxxx--xL
allow-reveal                  everyone   mmmmmmmmm   Lxx--x-xL
approvals                     root       Lox----xL   mmmmmmmmm
approvals                     sub        Loxxx--xL   mmmmmmmmm
approvals                     everyone   Lox--x-xL   mmmmmmmmm
decide-approval               root       mmmmmmmmm   L>x----xL
decide-approval               sub        mmmmmmmmm   L>xxx--xL
""")
    + APPLE_PAGES
)
