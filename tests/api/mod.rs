//! Black-box tests over HTTP, one file per file of `src/http/api`.

mod two_factor;
