"""Which machines a server may send this one to: public ones, and private ones that were named.

Belongs here: telling private addresses, and connecting to an address that was checked. Stays out:
requests (`client.py`), Kaggle's client (`lib/sources/kaggle/client.py`).

A server that redirects to 127.0.0.1, to a machine of the intranet or to a cloud's metadata service
would have this machine fetch what it cannot reach itself. The address that the user set may be
private; a redirect may not lead to another host that is, nor may the host's name change from a
public address to a private one on the way.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: In ECOMMERCE_PRIVATE_REDIRECTS: any host.
ANY = "*"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class PrivateAddress(Exception):
    """A host to which a redirect leads is at an address that is not public."""

    def __init__(self, host: str, address: Address) -> None:
        super().__init__(f"{host} ({address})")
        self.host, self.address = host, address


def is_private(address: Address) -> bool:
    """Whether an address is not one of the public internet, however it is written."""
    if isinstance(address, ipaddress.IPv6Address):
        teredo = address.teredo
        inside = address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
        if address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_private(inside)
        if address.is_site_local:
            return True
    return not address.is_global or address.is_multicast


def addresses_of(host: str, port: int) -> list[Address]:
    """The addresses of a host, in the order in which they are to be tried.

    Raises:
        OSError: there is no such host.
    """
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    listed = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    return list(dict.fromkeys(listed))


class Policy:
    """Where the requests of one client may go.

    Args:
        private_hosts: hosts that redirects may lead to though they are private; `*` for any.
    """

    def __init__(self, private_hosts: Collection[str] = ()) -> None:
        self._named = frozenset(host.strip().lower().strip("[]") for host in private_hosts)
        self._set: set[str] = set()
        self._public: set[str] = set()

    def trust(self, host: str) -> None:
        """Take a host for one that the user set: it may be private, if it is so from the start."""
        self._set.add(host.lower().strip("[]"))

    def allowed(self, host: str, port: int) -> list[Address]:
        """The addresses at which a host may be asked.

        Raises:
            PrivateAddress: the host is private and neither set nor named.
            OSError: there is no such host.
        """
        name, found = host.lower().strip("[]"), addresses_of(host, port)
        private = [each for each in found if is_private(each)]
        if not private:
            self._public.add(name)
            return found
        if ANY in self._named or name in self._named:
            return found
        if name in self._set and name not in self._public:
            return found
        raise PrivateAddress(host, private[0])


def checked_transport(policy: Policy, context: ssl.SSLContext) -> httpx.HTTPTransport:
    """A transport that connects to the very addresses that were checked.

    Args:
        policy: says which they are.
        context: of TLS; the host's name is verified as ever.
    """
    import httpcore
    import httpx

    class Backend(httpcore.SyncBackend):
        def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,
            local_address: str | None = None,
            socket_options: Iterable[Any] | None = None,
        ) -> httpcore.NetworkStream:
            try:
                addresses = policy.allowed(host, port)
            except OSError as error:
                raise httpcore.ConnectError(str(error)) from error
            last: Exception = httpcore.ConnectError(f"{host} has no address")
            for address in addresses:
                try:
                    return super().connect_tcp(
                        str(address), port, timeout, local_address, socket_options
                    )
                except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                    last = error
            raise last

    class Checked(httpx.HTTPTransport):
        def __init__(self) -> None:
            super().__init__(verify=context)
            self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=Backend())

    return Checked()
