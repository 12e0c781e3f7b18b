//! What a program that we started says.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc;
use std::time::Duration;

/// Longest line that is read whole; a longer one is read as several.
const MAX_LINE: u64 = 64 * 1024;

/// The first line that `pick` makes something of. What follows is read to the program's end and
/// dropped, so that the program never waits for a reader.
pub(crate) fn line_of<T: Send + 'static>(
    output: impl Read + Send + 'static,
    patience: Duration,
    pick: impl Fn(&str) -> Option<T> + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while let Ok(1..) = output.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
            if let Some(picked) = pick(&String::from_utf8_lossy(&line)) {
                // Whoever asked may have given up.
                let _ = sender.send(picked);
            }
            line.clear();
        }
    });
    receiver.recv_timeout(patience).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_is_taken_and_an_end_without_one_is_none() {
        let said = b"hello\nport 7\nport 8\n";
        let port = |line: &str| line.strip_prefix("port ")?.trim().parse::<u16>().ok();
        let patience = Duration::from_secs(20);
        assert_eq!(line_of(&said[..], patience, port), Some(7));
        assert_eq!(line_of(&b"hello\n"[..], patience, port), None);
    }
}
