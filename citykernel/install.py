"""Is the installation whole? Our import names are short, and others use them too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import distributions

from citykernel.errors import InstallationError

DISTRIBUTION = "stadtbild"
PACKAGES = ("citykernel", "citymodel", "tiles", "viewer", "cityapp")


def check_owners(owners: Mapping[str, Iterable[str]] | None = None) -> None:
    """Refuse to start when another distribution owns one of our packages.

    Parameters
    ----------
    owners : mapping of str to iterable of str, optional
        Import name to distributions; by default what is installed.

    Raises
    ------
    InstallationError
        A package of ours has a second owner: pip would have replaced our files in silence.
    """
    owners = package_owners() if owners is None else owners
    for package in PACKAGES:
        others = sorted(set(owners.get(package, ())) - {DISTRIBUTION})
        if others:
            raise InstallationError(
                f"the distribution '{others[0]}' also installs a package '{package}' and may "
                f"have replaced Stadtbild's; give Stadtbild an environment of its own, or "
                f"uninstall '{others[0]}' and reinstall '{DISTRIBUTION}'"
            )


def package_owners() -> dict[str, list[str]]:
    """Distributions that install one of our packages.

    ``importlib.metadata.packages_distributions`` answers for all packages and takes 100 ms
    with 74 distributions, at the start of every command; looking for five names in the texts
    takes 5 ms.

    Returns
    -------
    dict of str to list of str
        Import name to names of distributions, in lower case with hyphens.
    """
    owners: dict[str, list[str]] = {package: [] for package in PACKAGES}
    for distribution in distributions():
        declared = distribution.read_text("top_level.txt")
        if declared is not None:
            installed = set(declared.split())
        else:
            record = "\n" + (distribution.read_text("RECORD") or "")
            installed = {
                package
                for package in PACKAGES
                if f"\n{package}/" in record or f"\n{package}.py," in record
            }
        for package in installed.intersection(PACKAGES):
            name = str(distribution.metadata["Name"]).lower().replace("_", "-")
            owners[package].append(name)
    return owners
