from django.urls import path

from organizations.views import (
    activity,
    home,
    identity_provider,
    invitations,
    members,
    reveal_approval,
    second_factor,
    sessions,
    sub_organizations,
    tokens,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("setup/<str:token>/", home.set_up, name="set-up"),
    path("accounts/oidc/login/", identity_provider.start, name="identity-provider"),
    path("accounts/oidc/login/callback/", identity_provider.callback, name="identity-provider-callback"),
    path("accounts/sessions/", sessions.own_sessions, name="sessions"),
    path("accounts/sessions/end-others/", sessions.end_other_sessions, name="end-other-sessions"),
    path("accounts/sessions/<int:pk>/end/", sessions.end_session, name="end-session"),
    path("organizations/new/", home.create_root, name="create-root"),
    path("invitations/<str:token>/", invitations.accept_invitation, name="accept-invitation"),
    path("o/<slug:slug>/activity/", activity.activity, name="activity"),
    path("o/<slug:slug>/members/", members.members, name="members"),
    path("o/<slug:slug>/members/invite/", members.invite, name="invite"),
    path("o/<slug:slug>/members/<uuid:pk>/role/", members.change_role, name="change-role"),
    path("o/<slug:slug>/members/<uuid:pk>/remove/", members.remove_member, name="remove-member"),
    path("o/<slug:slug>/invitations/<uuid:pk>/revoke/", members.revoke_invitation, name="revoke-invitation"),
    path("o/<slug:slug>/tokens/", tokens.tokens, name="tokens"),
    path("o/<slug:slug>/tokens/<uuid:pk>/revoke/", tokens.revoke_token, name="revoke-token"),
    path("o/<slug:slug>/settings/", sub_organizations.organization_settings, name="organization-settings"),
    path(
        "o/<slug:slug>/settings/second-factor/",
        second_factor.require_second_factor,
        name="require-second-factor",
    ),
    path(
        "o/<slug:slug>/settings/reveal-approval/",
        reveal_approval.require_reveal_approval,
        name="require-reveal-approval",
    ),
    path("o/<slug:slug>/sub-organizations/", sub_organizations.sub_organizations, name="sub-organizations"),
    path(
        "o/<slug:slug>/sub-organizations/<uuid:pk>/archive/",
        sub_organizations.archive_sub_organization,
        name="archive-sub-organization",
    ),
    path(
        "o/<slug:slug>/sub-organizations/<uuid:pk>/restore/",
        sub_organizations.restore_sub_organization,
        name="restore-sub-organization",
    ),
]
