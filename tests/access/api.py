"""What a token of every member of the cast meets at every operation of the API.

Each token has every scope, and acts in the organization where its maker is at home: the tokens of the root's owner and
viewer, and of the operator, in the root; of sub A's admin and developer in sub A; of sub B's developer in sub B; the
outsider's in Globex. What its maker may not do, it may not do either. The columns:

    own        what the token's organization owns
    shared     what its root shares with it
    elsewhere  what belongs to somebody else; and what there is not: the very same answer

The seven letters of a column: root owner, root viewer, sub A admin, sub A developer, sub B developer, outsider,
operator. What is shared has an eighth: sub A's builds, whose token the root's owner made.

    o  answered, nothing changed         O  answered, something changed
    -  not found (404)                   x  not allowed (403)
    !  the body or the state does not allow it (409, 422)
    .  not asked: there is none

Operations that reach no one thing have the first column alone. Written by hand, as tests/access/table.py says.
"""

from dataclasses import dataclass

TOKENS = (
    "root_owner", "root_viewer", "sub_a_admin", "sub_a_developer", "sub_b_developer", "outsider", "operator",
)  # fmt: skip
BUILDS = "sub_a_builds"
LETTERS = set("oO-x!.")


@dataclass(frozen=True)
class Operation:
    operation: str
    own: str
    shared: str = "......."
    elsewhere: str = "......."

    def expected(self) -> list[tuple[str, str, str]]:
        """(place, member, letter)."""
        return [
            (place, member, letter)
            for place in ("own", "shared", "elsewhere")
            for member, letter in zip((*TOKENS, BUILDS), getattr(self, place), strict=False)
            if letter != "."
        ]


def read(text: str) -> list[Operation]:
    rows = [Operation(*line.split()) for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
    for row in rows:
        sevens = len(row.own) == len(row.elsewhere) == len(TOKENS) <= len(row.shared) <= len(TOKENS) + 1
        if not sevens or set(row.own + row.shared + row.elsewhere) - LETTERS:
            raise ValueError(f"Not a row of the matrix: {row}")
    return rows


OPERATIONS = read("""
# The organization                own       shared    elsewhere
get_organization                  ooooooo
get_token                         ooooooo
list_members                      ooooooo
list_tokens                       oxoxxoo
list_activity                     oxoxxoo

# Credentials
list_credential_kinds             ooooooo
list_credentials                  ooooooo
get_credential                    oooo.oo   ..ooo..o  -------
create_credential                 OxOxxOO
replace_credential                !x!x.!!   ..-xx..-  -x-xx--
rename_credential                 OxOx.OO   ..-xx..-  -x-xx--
archive_credential                OxOx.OO   ..-xx..-  -x-xx--
restore_credential                OxOx.OO   ..-xx..-  -x-xx--
download_credential               OxOO.OO   ..OOO..O  -x-----
reveal_credential                 Oxxx.Ox   ..xxx..-  -xxxx-x
get_shares                        oxox.oo   ..-xx..-  -x-xx--
set_shares                        Ox!x.OO   ..-xx..-  -x-xx--

# Imports
list_imports                      oxoxxoo
create_import                     OxOxxOO
get_import                        oxox.oo   .......   -x-xx--
list_items_of_import              oxox.oo   .......   -x-xx--
read_again_import                 !x!x.!!   .......   -x-xx--
apply_import                      !x!x.!!   .......   -x-xx--
discard_import                    OxOx.OO   .......   -x-xx--

# App Store Connect API keys
list_app_store_connect_keys       ooooooo
get_app_store_connect_key         oooo.oo   ..ooo..o  -------
create_app_store_connect_key      !x!xx!!
replace_app_store_connect_key     !x!x.!!   ..-xx..-  -x-xx--
mint_apple_token                  OxOO.Ox   ..OOO..O  -x----x

# Apple's objects: what takes a key in its body does not find that of somebody else
list_certificates                 ooooooo
get_certificate                   oooo.oo   ..ooo..o  -------
download_certificate              OxOO.OO   ..OOO..O  -x-----
create_certificate                OxOx.Ox   ..!xx..!  !x!xx!x
renew_certificate                 OxOx.Ox   ..-xx..-  -x-xx-x
revoke_certificate                OxOx.Ox   ..-xx..-  -x-xx-x
list_profiles                     ooooooo
get_profile                       oooo.oo   ..ooo..o  -------
download_profile                  OxOO.OO   ..OOO..O  -x-----
create_profile                    OxOx.Ox   ..!xx..!  !x!xx!x
regenerate_profile                OxOx.Ox   ..-xx..-  -x-xx-x
delete_profile                    OxOx.Ox   ..-xx..-  -x-xx-x
list_bundle_ids                   ooooooo
get_bundle_id                     oooo.oo   ..ooo..o  -------
register_bundle_id                OxOx.Ox   ..!xx..!  !x!xx!x
change_bundle_id                  OxOx.Ox   ..-xx..-  -x-xx-x
delete_bundle_id                  OxOx.Ox   ..-xx..-  -x-xx-x
list_devices                      ooooooo
get_device                        oooo.oo   ..ooo..o  -------
register_devices                  OxOx.Ox   ..!xx..!  !x!xx!x
change_device                     OxOx.Ox   ..-xx..-  -x-xx-x

# Apps, and what they are signed with: looked for by bundle ID within the organization
list_apps                         ooooooo
get_app                           oooo.oo   .......   -------
create_app                        OxOx.Ox
ensure_app                        OxOx.Ox   .......   -x-xx-x
change_app                        OxOx.Ox   .......   -x-xx-x
freeze_app                        OxOx.Ox   .......   -x-xx-x
unfreeze_app                      oxox.ox   .......   -x-xx-x
delete_app                        OxOx.Ox   .......   -x-xx-x
list_choices_for_app              oxox.ox   .......   -x-xx-x
assign_to_app                     OxOx.Ox   .......   -x-xx-x
unassign_from_app                 OxOx.Ox   .......   -x-xx-x
set_default_of_app                !x!x.!x   .......   -x-xx-x
get_signing_assets                -xxxx-x   ..xxx..O
get_android_signing_assets        -xxxx-x

# Syncs
list_syncs                        ooooooo
get_sync                          oooo.oo   ..ooo..o  -------
request_sync                      OxOO.OO   ..OOO..O  -x-----
""")
