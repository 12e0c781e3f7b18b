//! actix-cors as a subject.
