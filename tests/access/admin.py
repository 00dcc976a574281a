"""What every member of the cast meets in the admin: the site's own pages, and rules for the pages of each model."""

from tests.access.table import Row, read

# In come the root's owner, sub A's admin, the outsider (an owner) and the operator. Everybody else is sent (A) to the
# admin's own sign-in page, which is the row admin:login: strangers sign in, members without `admin:access` may not
# come in. Where somebody does not see an object, the admin says (=) that there is no such object, as it does of an id
# that never was.

SITE = read("""
admin:index                     any       AoAoAAooA   AoAoAAooA
admin:login                     any       LxxxxxxxL   LxxxxxxxL
admin:logout                    any       =m=m==mm=   =o=o==oo=
admin:password_change           any       AoAoAAooA   AoAoAAooA
admin:password_change_done      any       AoAoAAooA   AmAmAAmmA
admin:jsi18n                    any       AoAoAAooA   AmAmAAmmA
admin:autocomplete              nothing   AxAxAAxxA   AmAmAAmmA
admin:autocomplete              people    AoAoAAooA   AmAmAAmmA
admin:view_on_site              any       A-A-AA--A   A-A-AA--A
admin:app_list                  any       AoAoAAooA   AoAoAAooA
admin/(?P<url>.*)$              nothing   A-A-AA--A   A-A-AA--A
""")

# Places: root, sub and shared are the objects of World.places; `any` needs no object. A POST to a changelist asks for
# the deletion of the root's object.
MODELS = read("""
# Rules, for every model that says nothing else
*_changelist                           any      AoAoAAooA   AoAoAAooA
*_add                                  any      AxAxAAxxA   AxAxAAxxA
*_object                               root     A=A=AA==A   A=A=AA==A
*_delete                               root     AxAxAAxxA   AxAxAAxxA
*_delete                               sub      .x.x..xx.   .x.x..xx.
*_history                              root     AoA=AA=oA   AoA=AA=oA
*_history                              sub      .o.o..=o.   .o.o..=o.
*_history                              shared   .o.o..=o.   .o.o..=o.
*_change                               root     AoA=AA=oA   AxAxAAxxA
*_change                               sub      .o.o..=o.   .x.x..xx.
*_change                               shared   .o.o..=o.   .x.x..xx.

# Organizations: operators add roots, who manages one renames it
organizations_organization_add         any      AxAxAAxoA   AxAxAAx>A
organizations_organization_change      root     AoA=AA=oA   A>AxAA=>A
organizations_organization_change      sub      .o.o..=o.   .>.x..=>.

# People: those of the root are seen in its sub-organizations too; only operators rename and lock out
organizations_user_changelist          any      AoAoAAooA   AoAoAAo=A
organizations_user_change              root     AoAoAA=oA   AxAxAAx>A
organizations_user_change              sub      .o.o..=o.   .x.x..x>.
organizations_user_history             root     AoAoAA=oA   AoAoAA=oA

# Credentials: renamed and shared by whoever may do it to them; what is shared is changed at the root only
credentials_credential_changelist      any      AoAoAAooA   A=A=AA==A
credentials_credential_change          root     AoA=AA=oA   A>A=AA=>A
credentials_credential_change          sub      .o.o..=o.   .>.>..=>.
credentials_credential_change          shared   .o.o..=o.   .>.x..=>.
credentials_credential_share           root     AoA-AA-oA   A>A-AA->A
credentials_credential_share           sub      .o.o..-o.   .>.>..->.
credentials_credential_share           shared   .o.x..-o.   .>.x..->.
credentials_share_change               shared   .o.=..=o.   .x.x..xx.
credentials_share_history              shared   .o.=..=o.   .o.=..=o.
credentials_datakey_changelist         any      AxAxAAxoA   AxAxAAxoA
credentials_datakey_change             root     AxAxAAxoA   AxAxAAxxA
credentials_datakey_change             sub      .x.x..xo.   .x.x..xx.
credentials_datakey_history            root     A=A=AA=oA   A=A=AA=oA
credentials_datakey_history            sub      .=.=..=o.   .=.=..=o.

# Keys: added to an organization of one's own (the POST names the root), synced wherever one may sync
appstore_appstoreconnectkey_changelist any      AoAoAAooA   A=A=AA==A
appstore_appstoreconnectkey_changelist sync     AoAoAAooA   A>A=AA=>A
appstore_appstoreconnectkey_add        any      AoAoAAooA   A>AoAAo>A

# Which key a person likes best is that person's (the root owner's, sub A's admin's) and the operator's to see
appstore_keypreference_change          sub      .=.o..=o.   .x.x..xx.
appstore_keypreference_history         sub      .=.o..=o.   .=.o..=o.
""")

OPERATIONS = ("changelist", "add", "object", "delete", "history", "change")


def rows_of(label: str) -> list[Row]:
    """The rows of a model (`app_model`): its own, and the rules where it has none."""
    own = {(row.route, row.place): row for row in MODELS if row.route.startswith(f"{label}_")}
    for rule in MODELS:
        if rule.route.startswith("*"):
            route = label + rule.route.removeprefix("*")
            own.setdefault((route, rule.place), Row(route, rule.place, rule.get, rule.post))
    return list(own.values())
