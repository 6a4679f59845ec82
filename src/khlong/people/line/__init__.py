"""LINE Login as another way in: an adapter that is off until a channel is set (KHLONG_LINE_CHANNEL_ID and _SECRET).

LINE Login v2.1 is OpenID Connect with the authorisation code flow (developers.line.biz, "Integrating LINE Login with
your web app" and "LINE Login v2.1 API reference"). Asked for is the scope `openid profile`: no address, no friends.
An account of LINE is linked from the account page or comes in with an invitation; alone it makes no account here.
"""
