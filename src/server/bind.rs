//! Taking a port: on both loopback addresses, the same port, unless told otherwise.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};

use socket2::{Domain, Protocol, Socket, Type};

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1024;

/// How often a free port is looked for that is free on both loopback addresses.
const TRIES: usize = 32;

const LOCALHOST: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// Listens on a host and a port, not blocking. `localhost` means 127.0.0.1 and `[::1]` on the same port, or the one of them
/// that there is; port 0 one that is free. A host may be a name, or an address with or without brackets.
///
/// # Errors
/// What stands in the way.
pub fn bind(host: &str, port: u16) -> Result<Vec<TcpListener>, BindError> {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if host.eq_ignore_ascii_case("localhost") {
        return all(&LOCALHOST, host, port);
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return all(&[address], host, port);
    }
    let addresses = match (host, port).to_socket_addrs() {
        Ok(addresses) => addresses,
        Err(error) => return Err(BindError::UnknownHost { host: host.to_owned(), why: error.to_string() }),
    };
    let mut distinct: Vec<IpAddr> = Vec::new();
    for address in addresses {
        if !distinct.contains(&address.ip()) {
            distinct.push(address.ip());
        }
    }
    all(&distinct, host, port)
}

/// Listens on every one of these that this machine has, on one port.
fn all(addresses: &[IpAddr], host: &str, port: u16) -> Result<Vec<TcpListener>, BindError> {
    let mut tries = if port == 0 { TRIES } else { 1 };
    loop {
        tries -= 1;
        match together(addresses, host, port) {
            // Free on the first address and taken on the second: another one, then.
            Err(BindError::InUse { .. }) if tries > 0 => {}
            result => return result,
        }
    }
}

fn together(addresses: &[IpAddr], host: &str, port: u16) -> Result<Vec<TcpListener>, BindError> {
    let mut port = port;
    let mut listeners = Vec::with_capacity(addresses.len());
    let mut missing = None;
    for address in addresses {
        let address = SocketAddr::new(*address, port);
        match one(address) {
            Ok(listener) => {
                if port == 0 {
                    port = listener.local_addr().map_err(|error| BindError::other(address, error))?.port();
                }
                listeners.push(listener);
            }
            Err(error) => match BindError::of(address, host, error) {
                // A machine without IPv6, or without IPv4: the other one will do.
                not_here @ BindError::NotHere { .. } => missing = Some(not_here),
                error => return Err(error),
            },
        }
    }
    match missing {
        Some(missing) if listeners.is_empty() => Err(missing),
        _ if listeners.is_empty() => {
            Err(BindError::UnknownHost { host: host.to_owned(), why: "it has no address".to_owned() })
        }
        _ => Ok(listeners),
    }
}

fn one(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // So that a restart need not wait for the connections of the last run to be forgotten. On Windows the same option
    // would let two programs listen on one port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    if let SocketAddr::V6(v6) = address {
        // `::` means every address of the machine, of both families; `::1` is not 127.0.0.1.
        socket.set_only_v6(!v6.ip().is_unspecified())?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Why a port could not be taken.
#[derive(Debug)]
#[non_exhaustive]
pub enum BindError {
    /// Another program listens there.
    InUse {
        /// Where.
        address: SocketAddr,
    },
    /// The system does not allow it.
    Denied {
        /// Where.
        address: SocketAddr,
    },
    /// The name has no address.
    UnknownHost {
        /// The name.
        host: String,
        /// What the system says.
        why: String,
    },
    /// The address is not one of this machine.
    NotHere {
        /// Where.
        address: SocketAddr,
        /// As it was given.
        host: String,
    },
    /// Anything else.
    Other {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
}

impl BindError {
    fn of(address: SocketAddr, host: &str, error: io::Error) -> BindError {
        match error.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse { address },
            io::ErrorKind::PermissionDenied => BindError::Denied { address },
            io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported => {
                BindError::NotHere { address, host: host.to_owned() }
            }
            _ if is_family_missing(&error) => BindError::NotHere { address, host: host.to_owned() },
            _ => BindError::other(address, error),
        }
    }

    fn other(address: SocketAddr, error: io::Error) -> BindError {
        BindError::Other { address, error }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            BindError::InUse { address } => {
                format!("another program listens on {address}: stop it, or use a free port with `-p 0`")
            }
            BindError::Denied { address } if address.port() < 1024 => {
                "ports below 1024 are for administrators: use another one, such as `-p 4010`".to_owned()
            }
            BindError::Denied { .. } => "use another port, or a free one with `-p 0`".to_owned(),
            BindError::UnknownHost { .. } => {
                "`--host` takes a name or an address of this machine: `localhost`, `127.0.0.1`, `0.0.0.0` for all"
                    .to_owned()
            }
            BindError::NotHere { .. } => {
                "use an address of this machine: `localhost`, or `0.0.0.0` for all of them".to_owned()
            }
            BindError::Other { .. } => "use another `--host` or `--port`".to_owned(),
        }
    }
}

/// The system has no such family of addresses: EAFNOSUPPORT, EPROTONOSUPPORT, which have no [`io::ErrorKind`].
fn is_family_missing(error: &io::Error) -> bool {
    let codes: [i32; 2] = if cfg!(windows) {
        [10047, 10043]
    } else if cfg!(target_os = "linux") {
        [97, 93]
    } else {
        [47, 43]
    };
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

impl fmt::Display for BindError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BindError::InUse { address } => write!(out, "port {} is in use", address.port()),
            BindError::Denied { address } => write!(out, "not allowed to listen on {address}"),
            BindError::UnknownHost { host, why } => write!(out, "no such host: `{host}` ({why})"),
            BindError::NotHere { address, host } => {
                write!(out, "`{host}` is not an address of this machine")?;
                if host.parse() == Ok(address.ip()) { Ok(()) } else { write!(out, " ({})", address.ip()) }
            }
            BindError::Other { address, error } => write!(out, "cannot listen on {address}: {error}"),
        }
    }
}

impl Error for BindError {}

#[cfg(test)]
mod tests {
    use super::{BindError, bind};

    #[test]
    fn localhost_is_both_loopback_addresses_on_one_port() {
        let listeners = bind("localhost", 0).unwrap();
        let addresses: Vec<_> = listeners.iter().map(|listener| listener.local_addr().unwrap()).collect();
        assert!(addresses.iter().all(|address| address.ip().is_loopback() && address.port() == addresses[0].port()));
        assert!(addresses[0].port() != 0);
        assert!(addresses[0].is_ipv4());
    }

    #[test]
    fn a_port_in_use_is_named_with_the_way_out() {
        let taken = bind("127.0.0.1", 0).unwrap();
        let port = taken[0].local_addr().unwrap().port();
        for host in ["localhost", "127.0.0.1", "[127.0.0.1]", "0.0.0.0"] {
            let error = bind(host, port).unwrap_err();
            assert!(matches!(error, BindError::InUse { .. }), "{host}: {error:?}");
            assert_eq!(error.to_string(), format!("port {port} is in use"));
            assert!(error.help().contains("`-p 0`"), "{}", error.help());
        }
        drop(taken);
        bind("localhost", port).unwrap();
    }

    #[test]
    fn what_is_no_address_of_this_machine_is_said() {
        let error = bind("192.0.2.1", 0).unwrap_err();
        assert_eq!(error.to_string(), "`192.0.2.1` is not an address of this machine");
        let error = bind("no such host", 0).unwrap_err();
        assert!(error.to_string().starts_with("no such host: `no such host` ("), "{error}");
    }
}
