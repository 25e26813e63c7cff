//! IP addresses as the filter language sees them: text that looks like one is compared as one.
//!
//! Unlike in event-ruler, which compares the addresses' hexadecimal digits as text, an IPv4 address never lies in an
//! IPv6 range, and a number of JSON is no address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Longest text of an IPv4 address.
const IPV4_LENGTH: usize = 15;

/// Digits of an IPv6 group.
const GROUP_DIGITS: usize = 4;

/// The addresses that share their first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

/// Why a text is no range of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Not one slash.
    Slash,
    /// What follows the slash is no integer.
    NoInteger,
    /// It is less than zero.
    Negative,
    /// What stands before the slash does not look like an address.
    NoAddress(String),
    /// It looks like one and is none.
    Invalid(String),
    /// More than 31 bits of IPv4.
    TooLongFor4,
    /// More than 127 bits of IPv6.
    TooLongFor6,
}

/// The address that a text is, if it is one. Leading zeros change nothing; an IPv4 address inside IPv6 is that address.
pub fn address(text: &str) -> Option<IpAddr> {
    if !looks_like(text) {
        return None;
    }
    if text.contains(':') {
        let address: Ipv6Addr = short_groups(text).parse().ok()?;
        return Some(address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4));
    }
    if text.len() > IPV4_LENGTH {
        return None;
    }
    let mut bytes = text.split('.').map(|part| part.parse::<u8>().ok());
    let (a, b, c, d) = (bytes.next()??, bytes.next()??, bytes.next()??, bytes.next()??);
    Some(IpAddr::V4(Ipv4Addr::new(a, b, c, d)))
}

/// Digits and three dots, or hexadecimal digits and colons. Most text is seen at its first byte to be neither.
fn looks_like(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == b':') {
        return false;
    }
    if bytes.contains(&b':') {
        return bytes.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b':');
    }
    let parts = text.split('.');
    parts.clone().count() == 4
        && parts.into_iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// Leading zeros beyond four digits are no mistake to Java, whose parser reads these.
fn short_groups(text: &str) -> String {
    let short = |group: &'_ str| {
        let zeros = group.len().saturating_sub(GROUP_DIGITS);
        match group.get(..zeros) {
            Some(lead) if lead.bytes().all(|byte| byte == b'0') => group.get(zeros..).unwrap_or(group).to_owned(),
            _ => group.to_owned(),
        }
    };
    text.split(':').map(short).collect::<Vec<_>>().join(":")
}

impl Network {
    /// Reads `address/bits`. Bits of the address behind the first ones count for nothing.
    pub fn parse(text: &str) -> Result<Self, Broken> {
        let parts: Vec<&str> = text.trim_end_matches('/').split('/').collect();
        let [start, bits] = parts.as_slice() else {
            return Err(Broken::Slash);
        };
        let bits: i32 = bits.parse().map_err(|_| Broken::NoInteger)?;
        let bits = u32::try_from(bits).map_err(|_| Broken::Negative)?;
        if !looks_like(start) {
            return Err(Broken::NoAddress((*start).to_owned()));
        }
        let address = address(start).ok_or_else(|| Broken::Invalid((*start).to_owned()))?;
        match address {
            IpAddr::V4(_) if bits > 31 => Err(Broken::TooLongFor4),
            IpAddr::V6(_) if bits > 127 => Err(Broken::TooLongFor6),
            _ => Ok(Self { address, bits }),
        }
    }

    /// Whether an address is one of them.
    pub fn contains(&self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros() >= self.bits,
            (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros() >= self.bits,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_equal() {
        for (one, other) in [
            ("10.0.0.1", "10.0.0.01"),
            ("2001:db8::1", "2001:0DB8:0:0:0:0:0:0001"),
            ("::ffff:102:304", "1.2.3.4"),
            ("00001::", "1::"),
        ] {
            assert_eq!(address(one), address(other), "{one}");
            assert!(address(one).is_some(), "{one}");
        }
    }

    #[test]
    fn other_text_is_no_address() {
        for text in [
            "",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.256",
            "1.2.3.",
            "12:30:00",
            ":",
            "a",
            "1.2.3.4 ",
            "00000000001.2.3.4",
            "::ffff:1.2.3.4",
        ] {
            assert_eq!(address(text), None, "{text}");
        }
    }

    #[test]
    fn networks_hold_their_addresses() {
        let holds = |network: &str, text: &str| Network::parse(network).unwrap().contains(address(text).unwrap());
        assert!(holds("10.0.0.7/24", "10.0.0.1") && !holds("10.0.0.0/24", "10.0.1.0"));
        assert!(holds("0.0.0.0/0", "255.255.255.255") && !holds("::/0", "1.2.3.4"));
        assert!(holds("2001:db8::/32", "2001:db8:ffff::") && !holds("2001:db8::/127", "2001:db8::2"));
        assert!(holds("10.0.0.0/24/", "10.0.0.255"));
    }

    #[test]
    fn broken_networks() {
        for (text, wanted) in [
            ("10.0.0.0", Broken::Slash),
            ("10.0.0.0/", Broken::Slash),
            ("10.0.0.0/1/2", Broken::Slash),
            ("10.0.0.0/x", Broken::NoInteger),
            ("10.0.0.0/-1", Broken::Negative),
            ("10.0.0.0/32", Broken::TooLongFor4),
            ("::/128", Broken::TooLongFor6),
            ("host/8", Broken::NoAddress("host".into())),
            ("10.0.0.256/8", Broken::Invalid("10.0.0.256".into())),
        ] {
            assert_eq!(Network::parse(text), Err(wanted), "{text}");
        }
    }
}
