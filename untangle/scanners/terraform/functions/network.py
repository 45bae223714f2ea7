"""Functions of IP networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence

from untangle.model.value import Value, scalar_text
from untangle.scanners.terraform.operators import number
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.unknowns import Wrong

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(prefix: Value) -> _Network:
    return ipaddress.ip_network(scalar_text(prefix) or "", strict=False)


def _host(prefix: Value, position: Value) -> Value:
    network, offset = _network(prefix), int(number(position))
    if not -network.num_addresses <= offset < network.num_addresses:
        raise Wrong("the network has no such host")
    return str(network[offset])


def _subnet(prefix: Value, newbits: Value, position: Value) -> Value:
    network, bits, offset = _network(prefix), int(number(newbits)), int(number(position))
    length = network.prefixlen + bits
    if bits < 0 or length > network.max_prefixlen or not 0 <= offset < 2**bits:
        raise Wrong("the network has no such part")
    start = int(network.network_address) + (offset << (network.max_prefixlen - length))
    return f"{type(network.network_address)(start)}/{length}"


def _subnets(prefix: Value, *newbits: Value) -> Value:
    """Networks of these sizes, one after the other, each at the first place that fits it."""
    network = _network(prefix)
    at, found = int(network.network_address), []
    for bits in newbits:
        length = network.prefixlen + int(number(bits))
        if not network.prefixlen <= length <= network.max_prefixlen:
            raise Wrong("the network has no such part")
        size = 1 << (network.max_prefixlen - length)
        at = -(-at // size) * size
        found.append(f"{type(network.network_address)(at)}/{length}")
        at += size
    return tuple(found)


KNOWN: Mapping[str, Callable[..., Value]] = {
    "cidrhost": _host,
    "cidrnetmask": lambda prefix: str(_network(prefix).netmask),
    "cidrsubnet": _subnet,
    "cidrsubnets": _subnets,
}
PARTIAL: Mapping[str, Callable[[Scope, Sequence[Value]], Value]] = {}
