//! The end of a log: what a program said last, however much it said before.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// So many bytes of a log are kept.
pub const MAX_TAIL: usize = 4096;

/// The last bytes of a stream, which is read until its end so that its writer never waits.
#[derive(Debug, Clone, Default)]
pub struct Tail {
    bytes: Arc<Mutex<VecDeque<u8>>>,
}

impl Tail {
    /// Follows this stream, on a thread of its own.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn follow(mut stream: impl Read + Send + 'static) -> std::io::Result<Self> {
        let tail = Self::default();
        let kept = tail.clone();
        let read = move || {
            let mut chunk = [0; 8192];
            loop {
                match stream.read(&mut chunk) {
                    Ok(0) => return,
                    Ok(length) => kept.push(chunk.get(..length).unwrap_or_default()),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(_) => return,
                }
            }
        };
        thread::Builder::new().name("stderr".to_owned()).spawn(read)?;
        Ok(tail)
    }

    /// What is kept, as text; a character that was cut is replaced.
    pub fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = bytes.iter().copied().collect();
        String::from_utf8_lossy(&bytes).trim().to_owned()
    }

    fn push(&self, chunk: &[u8]) {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.extend(chunk);
        let surplus = bytes.len().saturating_sub(MAX_TAIL);
        bytes.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_kept() {
        let tail = Tail::default();
        for _ in 0..100 {
            tail.push(&[b'a'; 1000]);
        }
        tail.push(b"the end\n");
        let text = tail.text();
        assert!(text.ends_with("the end"), "{text}");
        assert!(text.len() <= MAX_TAIL, "{}", text.len());
    }
}
