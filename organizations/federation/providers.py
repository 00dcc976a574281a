"""The CI providers that CredHub knows: where their tokens come from, and which claims say whose job it is.

`required` claims never change hands: an id stays with its project when that is renamed, and its old name, which
somebody else may take, is worth nothing. `offered` ones narrow further. Claim names as the providers' documents had
them in 2026.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    name: str
    label: str
    help: str = ""

    @property
    def field(self) -> str:
        """Its name in forms, where some characters of claims are none."""
        return "claim_" + "".join(letter if letter.isalnum() else "_" for letter in self.name)


@dataclass(frozen=True)
class Provider:
    """`issuer` is exactly what its tokens say, or how it begins where `issuer_is_fixed` is not set. `told` are the
    claims that the log keeps, beside those that a policy asks for."""

    slug: str
    label: str
    issuer: str
    required: tuple[Claim, ...] = ()
    offered: tuple[Claim, ...] = ()
    told: tuple[str, ...] = ()
    issuer_is_fixed: bool = False
    issuer_help: str = "Exactly as the provider writes it in its tokens (iss)."
    how: str = ""


PREFIX = "A * at the end stands for anything."
GITHUB = Provider(
    "github", "GitHub Actions", "https://token.actions.githubusercontent.com",
    required=(
        Claim("repository_id", "Repository ID", "A number: gh api repos/OWNER/NAME --jq .id"),
        Claim("repository_owner_id", "Owner ID", "A number: gh api users/OWNER --jq .id"),
    ),
    offered=(
        Claim("environment", "Environment", "Without environment and ref, every workflow of the repository may come."),
        Claim("ref", "Ref", f"refs/heads/main or refs/tags/*. {PREFIX}"),
        Claim("job_workflow_ref", "Workflow", f"acme/app/.github/workflows/release.yml@refs/heads/main. {PREFIX}"),
    ),
    told=("repository", "ref", "sha", "workflow", "run_id", "run_attempt", "actor", "event_name", "environment"),
    issuer_is_fixed=True,
    how="The job needs “permissions: id-token: write”.",
)  # fmt: skip
GITLAB = Provider(
    "gitlab", "GitLab CI", "https://gitlab.com",
    required=(
        Claim("project_id", "Project ID", "A number, on the project's page."),
        Claim("namespace_id", "Namespace ID", "A number, on the page of the group."),
    ),
    offered=(
        Claim("ref_protected", "Ref is protected", "true: only jobs of protected branches and tags may come."),
        Claim("environment", "Environment"),
        Claim("ref", "Branch or tag", PREFIX),
    ),
    told=("project_path", "ref", "ref_type", "sha", "pipeline_id", "job_id", "user_login", "environment"),
    issuer_help="The address of your GitLab, without a slash at the end.",
    how="The job asks for one with “id_tokens”.",
)  # fmt: skip
BITRISE = Provider(
    "bitrise", "Bitrise", "https://token.builds.bitrise.io",
    required=(Claim("app_slug", "App slug", "In the address of the app's page."),),
    offered=(Claim("workspace_slug", "Workspace slug"), Claim("workflow", "Workflow", PREFIX)),
    told=("build_slug", "build_number", "repository_slug", "commit_hash", "workflow"),
    issuer_is_fixed=True,
    how="The step Get OIDC Identity Token puts it into BITRISE_IDENTITY_TOKEN.",
)  # fmt: skip
CIRCLECI = Provider(
    "circleci", "CircleCI", "https://oidc.circleci.com/org/",
    required=(Claim("oidc.circleci.com/project-id", "Project ID", "Project Settings, Overview."),),
    offered=(
        Claim("oidc.circleci.com/vcs-ref", "Ref", f"refs/heads/main. {PREFIX}"),
        Claim("oidc.circleci.com/vcs-origin", "Repository", "github.com/acme/app"),
    ),
    told=(
        "oidc.circleci.com/pipeline-id", "oidc.circleci.com/workflow-id", "oidc.circleci.com/job-id",
        "oidc.circleci.com/vcs-ref", "oidc.circleci.com/vcs-origin",
    ),
    issuer_help="https://oidc.circleci.com/org/ and your organization's ID (Organization Settings, Overview).",
    how="The job asks for one with “circleci run oidc get --claims”, so that the audience is yours.",
)  # fmt: skip
GENERIC = Provider(
    "generic", "Another provider", "https://",
    how="Any provider with a discovery document, or whose keys you paste.",
)  # fmt: skip

PROVIDERS = {each.slug: each for each in (GITHUB, GITLAB, BITRISE, CIRCLECI, GENERIC)}
