//! CORS test vectors, as data.
