"""Is the installation whole? Our import names are short, and others use them too."""

from __future__ import annotations

from importlib.metadata import packages_distributions

from citykernel.errors import InstallationError

DISTRIBUTION = "stadtbild"
PACKAGES = ("citykernel", "citymodel", "tiles", "viewer", "cityapp")


def check_owners(owners: dict[str, list[str]] | None = None) -> None:
    """Refuse to start when another distribution owns one of our packages.

    Parameters
    ----------
    owners : dict of str to list of str, optional
        Import name to distributions; by default what is installed.

    Raises
    ------
    InstallationError
        A package of ours has a second owner: pip would have replaced our files in silence.
    """
    owners = dict(packages_distributions()) if owners is None else owners
    for package in PACKAGES:
        others = sorted({name for name in owners.get(package, []) if name != DISTRIBUTION})
        if others:
            raise InstallationError(
                f"the distribution '{others[0]}' also installs a package '{package}' and may "
                f"have replaced Stadtbild's; give Stadtbild an environment of its own, or "
                f"uninstall '{others[0]}' and reinstall '{DISTRIBUTION}'"
            )
