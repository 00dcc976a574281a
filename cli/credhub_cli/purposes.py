"""Why a secret is asked for, as it stands in the activity log: the job, where there is one."""

from collections.abc import Mapping

# What tells that it is this provider; then what names the project and the job
_JOBS = (
    ("GITHUB_ACTIONS", "GitHub Actions", ("GITHUB_REPOSITORY", "GITHUB_WORKFLOW", "GITHUB_RUN_ID")),
    ("GITLAB_CI", "GitLab CI", ("CI_PROJECT_PATH", "CI_JOB_NAME", "CI_JOB_ID")),
    ("CIRCLECI", "CircleCI", ("CIRCLE_PROJECT_REPONAME", "CIRCLE_JOB", "CIRCLE_BUILD_NUM")),
    ("BITRISE_IO", "Bitrise", ("BITRISE_APP_TITLE", "BITRISE_TRIGGERED_WORKFLOW_ID", "BITRISE_BUILD_NUMBER")),
    ("CM_BUILD_ID", "Codemagic", ("CM_REPO_SLUG", "CM_BRANCH", "CM_BUILD_ID")),
    ("JENKINS_URL", "Jenkins", ("JOB_NAME", "BUILD_NUMBER")),
)


def purpose_of(environ: Mapping[str, str], word: str) -> str:
    """At most 200 characters. `word`: what the CLI is doing."""
    for mark, provider, names in _JOBS:
        if environ.get(mark):
            told = " ".join(environ[name] for name in names if environ.get(name))
            return f"credhub {word}: {provider} {told}"[:200].strip()
    return f"credhub {word}"
