"""What everybody meets where slug and ids do not belong together: the answer of something that does not exist."""

from tests.access.table import read

# The places are addresses, each asked for several organizations' objects (World.elsewhere): the root's, sub A's,
# sub B's, the outsider's, and an archived organization's. `*` stands for every route that has no row of its own.
# A member who may not do a thing to anything here is told so (x) before the object is looked for.

ELSEWHERE = read("""
*                             root       L-------L   L-------L
*                             sub-a      L-------L   L-------L
*                             sub-b      L-------L   L-------L
*                             outsider   L-------L   L-------L
*                             archived   L-------L   L-------L

archive-sub-organization      root       L-x-----L   L-x-----L
archive-sub-organization      sub-a      L-xxx---L   L-xxx---L
archive-sub-organization      sub-b      L-x--x--L   L-x--x--L
restore-sub-organization      root       mmmmmmmmm   L-x-----L
restore-sub-organization      sub-a      mmmmmmmmm   L-xxx---L
restore-sub-organization      sub-b      mmmmmmmmm   L-x--x--L
change-role                   root       mmmmmmmmm   L-x-----L
change-role                   sub-a      mmmmmmmmm   L-x-x---L
change-role                   sub-b      mmmmmmmmm   L-x--x--L
remove-member                 root       mmmmmmmmm   L-x-----L
remove-member                 sub-a      mmmmmmmmm   L-x-x---L
remove-member                 sub-b      mmmmmmmmm   L-x--x--L
revoke-invitation             root       mmmmmmmmm   L-x-----L
revoke-invitation             sub-a      mmmmmmmmm   L-x-x---L
revoke-invitation             sub-b      mmmmmmmmm   L-x--x--L
sync-now                      root       mmmmmmmmm   L-x-----L
sync-now                      sub-a      mmmmmmmmm   L-x-----L
sync-now                      sub-b      mmmmmmmmm   L-x-----L
download-apple-object         root       L-x-----L   mmmmmmmmm
download-apple-object         sub-a      L-x-----L   mmmmmmmmm
download-apple-object         sub-b      L-x-----L   mmmmmmmmm
fetch-apple-object            root       mmmmmmmmm   L-x-----L
fetch-apple-object            sub-a      mmmmmmmmm   L-x-----L
fetch-apple-object            sub-b      mmmmmmmmm   L-x-----L
""")
