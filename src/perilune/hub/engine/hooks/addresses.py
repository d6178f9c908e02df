"""Which addresses may be called: the public ones, and those that an administrator names."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _


def is_open(address: str, allowed: Sequence[str] = ()) -> bool:
    """Tell whether an IP address may be called: it is public, or lies in an allowed network.

    Loopback, private, link-local (where clouds keep their keys), multicast and reserved addresses
    are not; nor IPv4 ones dressed up as IPv6.

    Examples
    --------
    >>> [is_open(a) for a in ("93.184.216.34", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1")]
    [True, False, False, False]
    >>> is_open("10.1.2.3", ["10.1.0.0/16"])
    True
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if inner is not None:
            return is_open(str(inner), allowed)
        if found in _NAT64:
            return is_open(str(ip_address(int(found) & 0xFFFF_FFFF)), allowed)
    if any(found in network for network in _networks(allowed)):
        return True
    return found.is_global and not found.is_multicast


_NAT64 = ip_network("64:ff9b::/96")


def _networks(allowed: Sequence[str]) -> list[IPv4Network | IPv6Network]:
    found: list[IPv4Network | IPv6Network] = []
    for text in allowed:
        try:
            found.append(ip_network(text.strip(), strict=False))
        except ValueError as error:
            raise Invalid(_("«%(text)s» is not a network such as 10.1.0.0/16."), text=text) from (
                error
            )
    return found
