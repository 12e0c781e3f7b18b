//! The lines that a program prints, read as they come, each of a bounded length.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// The longest line that is read.
pub const MAX_LINE: usize = 1 << 20;

/// So many lines wait; a program that prints more without being asked waits, too.
const WAITING: usize = 8;

/// What was heard of a program.
#[derive(Debug)]
pub(super) enum Heard {
    /// A line, without its end.
    Line(Vec<u8>),
    /// A line that did not end within [`MAX_LINE`]; nothing is heard after it.
    TooLong,
    /// The output could not be read on.
    Failed(io::Error),
}

/// Reads lines on a thread of its own; the channel closes where the output ends.
pub(super) fn listen(output: impl Read + Send + 'static) -> io::Result<Receiver<Heard>> {
    let (heard, receiver) = sync_channel(WAITING);
    let read = move || read_all(BufReader::with_capacity(1 << 16, output), &heard);
    thread::Builder::new().name("stdout".to_owned()).spawn(read)?;
    Ok(receiver)
}

fn read_all(mut output: impl BufRead, heard: &SyncSender<Heard>) {
    loop {
        let mut line = Vec::new();
        // One more than a line may have, so that one that is too long is seen to be.
        let most = MAX_LINE as u64 + 1;
        let next = match output.by_ref().take(most).read_until(b'\n', &mut line) {
            Ok(0) => return,
            Ok(_) if line.last() == Some(&b'\n') => {
                line.pop();
                Heard::Line(line)
            }
            Ok(length) if length > MAX_LINE => Heard::TooLong,
            Ok(_) => Heard::Line(line),
            Err(error) => Heard::Failed(error),
        };
        let last = !matches!(next, Heard::Line(_));
        // An error says that nobody listens any more.
        if heard.send(next).is_err() || last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(output: impl Read + Send + 'static) -> Vec<Heard> {
        listen(output).unwrap().iter().collect()
    }

    #[test]
    fn lines_come_without_their_ends() {
        let heard = hear(&b"one\n\ntwo"[..]);
        let lines: Vec<&[u8]> = heard
            .iter()
            .map(|heard| match heard {
                Heard::Line(line) => line.as_slice(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(lines, [&b"one"[..], b"", b"two"]);
    }

    #[test]
    fn a_line_without_an_end_is_given_up_at_the_limit() {
        let heard = hear(io::repeat(b'x'));
        assert!(matches!(heard.as_slice(), [Heard::TooLong]), "{}", heard.len());
    }

    #[test]
    fn the_longest_line_is_read() {
        let mut text = vec![b'x'; MAX_LINE];
        text.push(b'\n');
        let heard = hear(io::Cursor::new(text));
        assert!(matches!(heard.as_slice(), [Heard::Line(line)] if line.len() == MAX_LINE));
    }
}
