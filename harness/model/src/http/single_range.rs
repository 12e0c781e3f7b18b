//! The single-range form of `Range` values (Fetch §2.2.2), and two engines' ways with it.

use crate::user_agent::RangeParsing;

/// The two ends of a range; digits, not numbers, as numbers of any size count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SingleRange<'a> {
    /// Its start; `None`: counted from the end.
    pub start: Option<&'a [u8]>,
    /// Its end; `None`: open.
    pub end: Option<&'a [u8]>,
}

/// <https://fetch.spec.whatwg.org/#simple-range-header-value>
///
/// `None` is the Standard's failure.
///
/// NOT MODELLED 4, 7, 10, 13 (white space): the safelist, the only caller, allows none.
pub fn parse_single_range_header_value(value: &[u8]) -> Option<SingleRange<'_>> {
    // 1, 2, 3. The unit, in lower case.
    let rest = value.strip_prefix(b"bytes")?;
    // 5, 6. An equals sign.
    let rest = rest.strip_prefix(b"=")?;
    // 8, 9. Digits, if any, are the start.
    let (start, rest) = collect_digits(rest);
    // 11, 12. A hyphen.
    let rest = rest.strip_prefix(b"-")?;
    // 14, 15. Digits, if any, are the end.
    let (end, rest) = collect_digits(rest);
    // 16. Nothing behind.
    if !rest.is_empty() {
        return None;
    }
    match (start, end) {
        // 17. One of the ends has to be there.
        (None, None) => None,
        // 18. The start may not be behind the end.
        (Some(start), Some(end)) if greater(start, end) => None,
        // 19. Both.
        (start, end) => Some(SingleRange { start, end }),
    }
}

/// Whether the safelist takes this value: it parses and has a start.
pub(crate) fn is_safelisted_range(parsing: RangeParsing, value: &[u8]) -> bool {
    match parsing {
        RangeParsing::Standard => {
            parse_single_range_header_value(value).is_some_and(|range| range.start.is_some())
        }
        RangeParsing::Limited64Bit => parse_single_range_header_value(value).is_some_and(|range| {
            range.start.is_some() && [range.start, range.end].into_iter().flatten().all(fits_64_bit)
        }),
        RangeParsing::Lenient64Bit => is_lenient_range(value),
    }
}

/// Digits at the front, if there are any, and what follows.
fn collect_digits(bytes: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let length = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match bytes.split_at_checked(length) {
        Some((digits, rest)) if length > 0 => (Some(digits), rest),
        _ => (None, bytes),
    }
}

/// Whether the first decimal number is greater, of whatever length they are.
fn greater(left: &[u8], right: &[u8]) -> bool {
    let (left, right) = (without_leading_zeros(left), without_leading_zeros(right));
    (left.len(), left) > (right.len(), right)
}

fn without_leading_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

fn fits_64_bit(digits: &[u8]) -> bool {
    signed(digits).is_some()
}

fn signed(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The unit in any case, and signed 64-bit numbers; an end of minus one is taken for none.
fn is_lenient_range(value: &[u8]) -> bool {
    let Some((unit, rest)) = value.split_at_checked(b"bytes=".len()) else { return false };
    if !unit.eq_ignore_ascii_case(b"bytes=") {
        return false;
    }
    let Some(hyphen) = rest.iter().position(|byte| *byte == b'-') else { return false };
    let (start, end) = rest.split_at_checked(hyphen).unwrap_or_default();
    let end = end.get(1..).unwrap_or_default();
    let Some(start) = signed(start) else { return false };
    let end = if end.is_empty() { Some(-1) } else { signed(end) };
    end.is_some_and(|end| end == -1 || start <= end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safelisted(value: &str) -> bool {
        is_safelisted_range(RangeParsing::Standard, value.as_bytes())
    }

    #[test]
    fn one_range_with_a_start_is_safelisted() {
        for good in
            ["bytes=0-", "bytes=0-0", "bytes=1-2", "bytes=007-8", "bytes=9-10", "bytes=00-0"]
        {
            assert!(safelisted(good), "{good}");
        }
        for bad in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=-5",
            "bytes=5",
            "bytes=5-4",
            "bytes=10-9",
            "BYTES=0-",
            "bytes =0-",
            "bytes= 0-",
            "bytes=0 -",
            "bytes=0- 1",
            "bytes=0-1,2-3",
            "bytes=+5-",
            "bytes=0--1",
            "bytes=0-1 ",
            " bytes=0-",
            "bytes=0x5-",
            "bytes=0-\x0b",
            "items=0-",
        ] {
            assert!(!safelisted(bad), "{bad}");
        }
    }

    #[test]
    fn numbers_of_any_size_count() {
        let nines = "9".repeat(60);
        let big = format!("bytes={nines}-{nines}");
        assert!(safelisted(&big));
        assert!(safelisted(&format!("bytes={nines}-1{nines}")));
        assert!(!safelisted(&format!("bytes=1{nines}-{nines}")));
        assert!(!is_safelisted_range(RangeParsing::Limited64Bit, big.as_bytes()));
        assert!(is_safelisted_range(RangeParsing::Limited64Bit, b"bytes=0-9223372036854775807"));
        assert!(!is_safelisted_range(RangeParsing::Limited64Bit, b"bytes=0-9223372036854775808"));
    }

    #[test]
    fn the_lenient_form_takes_case_and_signs() {
        for good in ["BYTES=0-", "bytes=+5-", "bytes=0--1", "bytes=1-2"] {
            assert!(is_safelisted_range(RangeParsing::Lenient64Bit, good.as_bytes()), "{good}");
        }
        let nines = "9".repeat(60);
        for bad in ["bytes=5-4", "bytes=-5", "bytes=", "bytes=0--2", &format!("bytes=0-{nines}")] {
            assert!(!is_safelisted_range(RangeParsing::Lenient64Bit, bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn a_range_from_the_end_parses_without_a_start() {
        let range = parse_single_range_header_value(b"bytes=-500").unwrap();
        assert_eq!(range, SingleRange { start: None, end: Some(b"500") });
    }
}
