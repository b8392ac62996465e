//! What is packaged for Linux: the unit, the entries of a desktop, manuals and completions, and the
//! package itself.

mod root;
