"""The files that fastlane match signs with, as its storage “GitLab secure files” lists and downloads them.

`choosing` says which there are, `opening` gives them away, on record.
"""
