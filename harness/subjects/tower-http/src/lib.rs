//! tower-http as a subject.
