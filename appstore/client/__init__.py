"""A client for Apple's App Store Connect API and Enterprise Program API.

It speaks Apple's language and knows nothing of ours: no Django, no models; settings arrive as arguments.
https://developer.apple.com/documentation/appstoreconnectapi
"""
