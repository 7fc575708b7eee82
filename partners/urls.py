from django.urls import path

from partners import portal, portal_lifecycle, portal_together, public

portal_patterns = [
    path("team/", portal.Team.as_view(), name="team"),
    path("team/<slug:verb>/", portal.Team.as_view(), name="team_verb"),
    path("team/invitations/<str:invitation>/<slug:verb>/", portal.InvitationPage.as_view(), name="invitation_verb"),
    path("team/people/<str:member>/", portal.MemberPage.as_view(), name="member"),
    path("team/people/<str:member>/<slug:verb>/", portal.MemberPage.as_view(), name="member_verb"),
    path("profile/", portal.Profile.as_view(), name="profile"),
    path("profile/<slug:verb>/", portal.Profile.as_view(), name="profile_verb"),
    *portal_lifecycle.portal_patterns,
    *portal_together.portal_patterns,
]
public_patterns = [path("join/<str:token>/", public.Join.as_view(), name="join")]
